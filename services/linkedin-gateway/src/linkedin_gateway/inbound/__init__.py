"""What comes in from Unipile: webhooks, and what is polled for where they are missing."""
