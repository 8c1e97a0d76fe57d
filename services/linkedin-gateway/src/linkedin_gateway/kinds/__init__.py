"""What is decided about each kind of action."""
