"""Who is released today, to whom, and what keeps the other slots empty."""
