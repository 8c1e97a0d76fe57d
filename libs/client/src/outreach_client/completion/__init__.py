"""Completion of what is typed: commands and options from a table, names from what is remembered.

Nothing here imports what commands need: whoever presses TAB waits for none of it.
"""
