"""Protos <-> models of what lets leads enter the sequence."""
