"""`outreach doctor`, `version`, `open`: what is told of the whole installation."""
