"""What customers hear: the events, and how they get to webhook-dispatcher."""
