"""gRPC: the server, what every call of it goes through, and channels to other services."""
