"""Workflows at Temporal, for who looks after them: whose they are, and what of them is told."""
