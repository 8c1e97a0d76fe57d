"""`/_simulator`: looking into the world and moving it."""
