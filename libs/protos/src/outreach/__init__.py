"""The contract between the services: generated protobuf and gRPC code."""
