"""What the decisions of a program's review change, one effect a kind."""
