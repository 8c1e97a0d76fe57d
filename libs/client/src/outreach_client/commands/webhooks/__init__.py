"""`outreach webhooks`: who hears what happens, and whether."""
