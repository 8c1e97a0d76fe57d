"""What this machine's user keeps between commands: profiles, and where they are."""
