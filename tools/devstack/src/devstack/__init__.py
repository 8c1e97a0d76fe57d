"""The local stack behind make demo, up, test and bench."""

import os

# A process that changes its user is forked, and gRPC's fork handlers can kill the child
# before it becomes another program. Must be set before gRPC is loaded.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
