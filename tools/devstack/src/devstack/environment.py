"""`.env.example`, written from the settings themselves: `python -m devstack.environment`."""

import importlib
import sys
import textwrap
from collections.abc import Iterator

from servicekit.settings import EnvironmentVariable, environment

SERVICES = ("campaign_api", "outreach_worker", "linkedin_gateway", "webhook_dispatcher")

_HEAD = """\
# Every setting of every service, with its default; written by `make env-example`.
# Durations: 500ms, 90s, 5m, 2h, 3d; a plain number is seconds.
# A commented line shows the default; an open one must be given.

# --- Temporal: the SDK's own names (temporalio.envconfig)
# Read by campaign-api, outreach-worker and webhook-dispatcher.
# The frontend's address.
# TEMPORAL_ADDRESS=localhost:7233
# TEMPORAL_NAMESPACE=default
# For Temporal Cloud: an API key, or a client certificate and its key.
# TEMPORAL_API_KEY=
# A file with the API key instead, read again when it changes, as the files below are.
# TEMPORAL_API_KEY_FILE=
# TEMPORAL_TLS=
# TEMPORAL_TLS_CLIENT_CERT_PATH=
# TEMPORAL_TLS_CLIENT_KEY_PATH=
# TEMPORAL_TLS_SERVER_CA_CERT_PATH=
# TEMPORAL_TLS_SERVER_NAME=
# The same certificate and key, PEM in base64, where no file can be mounted.
# TEMPORAL_CLIENT_CERT=
# TEMPORAL_CLIENT_KEY=
# Keys that open sealed payloads, 32 random bytes in URL-safe base64, parted by commas: the first
# one seals. A file with them instead, read again when it changes.
# TEMPORAL_PAYLOAD_KEYS=
# TEMPORAL_PAYLOAD_KEYS_FILE=
# Whether payloads are sealed: ours hold ids alone, what operators add by hand may hold more.
# TEMPORAL_PAYLOADS_SEALED=false

# --- OpenTelemetry: the SDK's own names, read by every service
# Where traces go; without it none are made.
# OTEL_EXPORTER_OTLP_ENDPOINT=
# grpc or http/protobuf.
# OTEL_EXPORTER_OTLP_PROTOCOL=grpc
# OTEL_RESOURCE_ATTRIBUTES=
# Which traces are kept, for example parentbased_traceidratio and 0.1; spans that failed always are.
# OTEL_TRACES_SAMPLER=parentbased_always_on
# OTEL_TRACES_SAMPLER_ARG=

# --- Sandbox: one virtual clock for all processes, as <epoch>,<speed>
# Only with a loopback UNIPILE_DSN.
# The epoch is an ISO-8601 instant or unix seconds; the speed is virtual seconds a second.
# SANDBOX_CLOCK=
"""

_TAIL = """\
# --- outreach, the command line
# Where the three services listen, and the token that calls carry.
# OUTREACH_CAMPAIGN_API_ADDRESS=localhost:50051
# OUTREACH_GATEWAY_ADDRESS=localhost:50052
# OUTREACH_DISPATCHER_ADDRESS=localhost:50053
# OUTREACH_TOKEN=
# OUTREACH_TOKEN_FILE=
# Or the API key that is exchanged for tokens; without either, what `outreach login` has kept.
# OUTREACH_API_KEY=
# OUTREACH_API_KEY_FILE=
# OUTREACH_CREDENTIALS=~/.config/outreach/api-key
# Whether they are reached by TLS, and how many seconds a call may take.
# OUTREACH_TLS=false
# The authorities that are believed (PEM; unset: the system's), and what is shown where they ask.
# OUTREACH_TLS_AUTHORITIES_FILE=
# OUTREACH_TLS_CERTIFICATE_FILE=
# OUTREACH_TLS_KEY_FILE=
# OUTREACH_TIMEOUT=60
# Whose things a command is about, where it does not say.
# OUTREACH_ORGANIZATION=

# --- make demo, make up
# A lead list (CSV) and a builder's export (JSON) instead of those of examples/.
# DEMO_LEADS=examples/leads.csv
# DEMO_FLOW=examples/sequence.json
# Virtual seconds a second; without it the demo chooses one that ends in about a minute.
# DEMO_SPEED=
# The same of make up; 1 is real time.
# SPEED=300
# 1 leaves everything running afterwards.
# DEMO_KEEP=

# --- make demo-automation, with DEMO_SPEED
# tastes or indifferent; both unless it says one.
# DEMO_WORLD=
# DEMO_WEEKS=8
"""


def environment_example() -> str:
    """The text of `.env.example`; a name that several services read stands where it comes first."""
    seen: set[str] = set()
    sections = [_HEAD]
    for package in SERVICES:
        settings = importlib.import_module(f"{package}.settings").Settings
        variables = [each for each in environment(settings) if each.name not in seen]
        seen.update(each.name for each in variables)
        lines = [line for each in variables for line in _lines(each)]
        sections.append("\n".join([f"# --- {package.replace('_', '-')}", *lines]) + "\n")
    return "\n".join([*sections, _TAIL])


def _lines(variable: EnvironmentVariable) -> Iterator[str]:
    for line in textwrap.wrap(variable.description, 98):
        yield f"# {line}"
    assignment = f"{variable.name}={variable.default}"
    yield assignment if variable.required else f"# {assignment}"


if __name__ == "__main__":
    sys.stdout.write(environment_example())
