"""Who may do what: `outreach login`, `keys`, `members`, `organizations`, `bootstrap`."""
