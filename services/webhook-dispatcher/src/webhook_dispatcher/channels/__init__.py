"""How an event reaches who listens: in which form, by which channel."""
