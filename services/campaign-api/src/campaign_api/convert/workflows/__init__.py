"""Workflows, their histories and Temporal itself, as the contract tells them."""
