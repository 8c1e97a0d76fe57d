"""Which account sends for a lead: the rotation, and who takes an account's place. Pure."""
