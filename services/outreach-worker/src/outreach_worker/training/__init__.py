"""Training: what models are learned from, the child that fits them, and how one comes to rank."""
