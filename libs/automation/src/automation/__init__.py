"""Programs that feed campaigns: who is released when, what was decided, and what came of it."""
