"""What came of those who were contacted, once they have had their time."""
