"""Who may be released, who was by what, and what came of it."""
