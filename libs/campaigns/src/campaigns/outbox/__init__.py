"""What customers are to hear: written with what makes it true, sent in order."""
