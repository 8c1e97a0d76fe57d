"""How promising a lead is, and why."""
