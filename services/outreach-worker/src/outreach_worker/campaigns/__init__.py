"""One campaign: its workflow, the admission of its leads, and its control by operators."""
