"""The campaign context: sequences, leads, their rows and their workflow contracts."""
