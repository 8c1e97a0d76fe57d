"""People across the campaigns of an organization: who they are as leads, and what was said."""
