"""What callers are told as it changes: the status of a campaign, and its leads."""
