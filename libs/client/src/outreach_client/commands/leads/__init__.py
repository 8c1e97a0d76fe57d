"""`outreach leads …`: the people of a campaign."""
