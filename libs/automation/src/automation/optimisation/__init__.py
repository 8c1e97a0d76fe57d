"""What is provably worse, and what is to be done about it."""
