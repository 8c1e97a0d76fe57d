"""Owns Unipile, the accounts, their pace and the ledger of every action."""
