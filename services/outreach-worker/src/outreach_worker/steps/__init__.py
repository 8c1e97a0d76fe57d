"""One step of one lead: its text, its action at the gateway, and what became of it."""
