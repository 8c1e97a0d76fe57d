"""What a process is given in files, and reads again when it changes: keys, limits, secrets."""
