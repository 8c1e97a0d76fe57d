"""Who calls, by bearer tokens: keys from files, tokens verified, and tokens of our own."""
