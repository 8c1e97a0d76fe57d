"""Reports of programs: counted from rows, kept, and told of."""
