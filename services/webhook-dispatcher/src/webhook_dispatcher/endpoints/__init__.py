"""Addresses at which customers listen, and their secrets."""
