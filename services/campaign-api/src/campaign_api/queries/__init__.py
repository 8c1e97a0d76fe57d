"""What callers read: campaigns, leads, revisions, status, and why nothing moves."""
