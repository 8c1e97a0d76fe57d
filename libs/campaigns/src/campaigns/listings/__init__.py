"""What campaigns, leads and imports are listed by, and the pages that are read."""
