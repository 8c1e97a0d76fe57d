"""The weekly review of a program, its guardrails, and what its decisions change."""
