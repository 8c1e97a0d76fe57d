"""What this service asks of the others and of Temporal; their failures are our errors."""
