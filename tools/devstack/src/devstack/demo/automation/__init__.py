"""`make demo-automation`: a program runs an outreach team for weeks, and is judged by the truth."""
