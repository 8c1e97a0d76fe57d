"""Campaigns, sequences and leads; starts and signals the workflows."""
