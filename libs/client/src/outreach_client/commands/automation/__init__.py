"""`outreach programs …` and `outreach runs …`: what feeds campaigns, and what it did."""
