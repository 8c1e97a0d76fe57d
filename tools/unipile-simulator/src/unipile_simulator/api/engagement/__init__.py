"""Posts, comments and reactions over the API."""
