"""Python client of the outreach engine and its command line."""
