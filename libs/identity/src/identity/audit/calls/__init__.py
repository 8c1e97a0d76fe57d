"""From a call to its record: what its contract declares, the draft in its transaction, the rest."""
