"""The gRPC service: unpack, call, pack; and which permission each method needs."""
