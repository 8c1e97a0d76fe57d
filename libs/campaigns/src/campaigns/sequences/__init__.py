"""Sequences: their steps and kinds, which step follows which, and how people read them."""
