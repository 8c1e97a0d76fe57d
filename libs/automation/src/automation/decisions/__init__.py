"""What was decided, by which rule, and how it is taken back."""
