"""Sending again: one delivery, or the events of a stretch of time at a rate."""
