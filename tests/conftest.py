"""What all tests share."""

import os

# Tests start processes while gRPC's threads run; see `devstack/__init__.py`.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
