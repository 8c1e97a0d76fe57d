"""Lists that callers filter, order and page: what they ask, read and turned into SQL."""
