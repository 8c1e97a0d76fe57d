"""What all tests share."""

import os

# Tests start processes while gRPC's threads run; see `devstack/__init__.py`.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

from hypothesis import HealthCheck, settings

# A busy machine is no counterexample.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
