"""What the schema says of people, sealed: as a repository writes it, and as it reads it."""
