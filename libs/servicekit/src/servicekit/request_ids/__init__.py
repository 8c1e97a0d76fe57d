"""The second call by a `request_id` gets the first one's answer (AIP-155)."""
