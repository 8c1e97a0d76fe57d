"""Faults of which whoever is on call must hear, made on a running stack and ended again."""
