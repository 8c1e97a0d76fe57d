"""The issuer: its own keys, the tokens it signs, and how others find both."""
