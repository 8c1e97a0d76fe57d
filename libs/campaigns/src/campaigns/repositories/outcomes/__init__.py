"""What came of those whom a campaign wrote to, as whoever judges it asks."""
