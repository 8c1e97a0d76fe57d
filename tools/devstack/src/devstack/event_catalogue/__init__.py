"""`docs/events/`: what every type of event says, written from the contract."""
