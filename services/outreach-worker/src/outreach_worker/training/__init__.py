"""Training: the child process in which models are fitted."""
