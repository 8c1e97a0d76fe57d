"""`outreach campaigns`: what is made of a campaign, how it runs, what is sent."""
