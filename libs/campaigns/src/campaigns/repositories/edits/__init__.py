"""What people change by hand in rows that leads go by meanwhile."""
