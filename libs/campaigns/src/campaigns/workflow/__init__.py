"""What api and worker share of Temporal: contracts, control, search attributes, waking."""
