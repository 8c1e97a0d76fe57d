"""One lead: its workflow from first touch to outcome, and the rows that it writes."""
