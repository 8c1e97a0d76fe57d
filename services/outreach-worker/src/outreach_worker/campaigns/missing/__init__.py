"""Workflows that Temporal does not know: deleted by somebody, or lost with Temporal's own data."""
