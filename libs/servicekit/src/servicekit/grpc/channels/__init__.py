"""What calls of ours meet that gRPC leaves to its callers."""
