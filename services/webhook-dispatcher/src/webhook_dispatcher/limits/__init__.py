"""How much an endpoint is sent: in turn, at once, and whoever waits for room."""
