"""Accounts: their health, where LinkedIn stops them, and how they sign in."""
