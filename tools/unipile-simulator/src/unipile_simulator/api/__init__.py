"""Unipile's routes, and how a call of one is answered."""
