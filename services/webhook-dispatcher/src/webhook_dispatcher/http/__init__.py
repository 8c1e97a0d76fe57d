"""The POST to a customer: to allowed addresses only, and signed."""
