"""Who comes before those who are released now: who waits, and who walks towards an invitation."""
