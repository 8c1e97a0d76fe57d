"""What is decided about each kind of step, a file for each."""
