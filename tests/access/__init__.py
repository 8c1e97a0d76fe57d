"""Who may do what with whose things: every RPC of a server by every kind of caller, asked for real.

`expectations` reads from the contract and docs/security.md what must come of it, `callers` makes
the callers, `requests` what they ask, `matrix` asks and compares.
"""
