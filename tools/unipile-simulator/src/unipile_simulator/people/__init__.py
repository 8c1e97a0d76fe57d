"""Who the people are, and what they are like."""
