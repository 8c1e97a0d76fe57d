"""The local stack behind make demo, up, test and bench."""
