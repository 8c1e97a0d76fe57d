"""What any service needs: settings, errors, logs, traces, metrics, servers, stores."""

import os

# gRPC's core writes lines of its own beside the log, each time somebody goes away: what became of
# a call is told by its status. Must be set before gRPC is loaded.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
