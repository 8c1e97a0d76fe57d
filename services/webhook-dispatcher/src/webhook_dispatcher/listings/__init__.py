"""What endpoints, deliveries and attempts are listed by, and their pages."""
