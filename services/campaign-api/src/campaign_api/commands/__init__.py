"""What callers change: drafts, lead lists, the life of a campaign, its sequence."""
