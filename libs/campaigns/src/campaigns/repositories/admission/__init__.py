"""Who is released, who is admitted, and where the list stands."""
