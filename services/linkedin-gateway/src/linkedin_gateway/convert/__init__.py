"""Proto to model and back, a module for each noun; bad input is refused by field."""
