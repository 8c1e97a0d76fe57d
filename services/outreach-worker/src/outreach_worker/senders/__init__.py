"""The accounts that send: who they are and what they can still do."""
