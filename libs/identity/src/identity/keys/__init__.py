"""API keys: how they are made, known again, and kept."""
