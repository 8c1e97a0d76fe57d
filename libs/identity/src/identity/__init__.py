"""Who may do what, and what was done: organizations, members, keys, tokens, audit."""
