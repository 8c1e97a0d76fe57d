"""What a change would do is found out by doing it, without what would last (AIP-163)."""
