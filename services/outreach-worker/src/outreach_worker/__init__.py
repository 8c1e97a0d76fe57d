"""Runs the campaign and lead workflows."""
