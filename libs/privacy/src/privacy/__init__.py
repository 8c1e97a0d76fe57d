"""What is known of people, where it lies, what for and for how long."""
