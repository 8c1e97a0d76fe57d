"""What is said: variables, choices, and texts written by AI."""
