"""Protos to models and back, a module for each noun; bad requests are refused by field."""
