"""A program of its own, which nothing imports: it alone needs the extra `training`."""
