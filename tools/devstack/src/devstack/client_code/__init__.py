"""What is written for callers from the contract: `python -m devstack.client_code` writes it all."""
