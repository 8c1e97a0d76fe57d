"""Completion of what is typed: commands and options from a table, names from what is remembered.

Nothing here imports what commands need: whoever presses TAB waits for none of it.
"""

VARIABLE = "_OUTREACH_COMPLETE"
"""Set where a shell asks what could follow the arguments, of which the last one is not whole."""
