"""What programs, and all that comes of them, are listed by, and the pages that are read."""
