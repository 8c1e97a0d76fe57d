"""People across the campaigns of an organization, whatever their lists call them."""
