"""Lists of people that are kept: made, edited, deleted, and copied from into campaigns."""
