"""What a request must be before a servicer sees it."""
