"""LinkedIn accounts: how they come and go, their state, their health and their cool-downs."""
