"""Tells customers what happened: endpoints, events, signed deliveries."""
