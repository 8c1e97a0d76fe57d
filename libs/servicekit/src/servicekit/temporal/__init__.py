"""Temporal: one way to connect, one plugin, one way to run a worker."""
