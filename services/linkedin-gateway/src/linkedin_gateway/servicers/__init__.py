"""The gateway's gRPC services, a class for each: unpack, call, pack."""
