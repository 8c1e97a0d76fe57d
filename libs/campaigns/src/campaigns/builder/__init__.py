"""The builder's drawing, read and compiled into a sequence."""
