"""What happened, as it is published: kept once, with a delivery for each endpoint."""
