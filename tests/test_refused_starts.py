"""Services that are given nothing do not start: they say why in a moment, each setting by name."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

SERVICES = ("campaign_api", "outreach_worker", "linkedin_gateway", "webhook_dispatcher")
HEAVY = ("alembic", "asyncpg", "grpc", "httpx", "opentelemetry", "temporalio", "uvicorn", "uvloop")
PROGRAM = f"""
import json, runpy, sys
sys.argv = [sys.argv[1], *sys.argv[2:]]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=False)
except SystemExit as end:
    print(json.dumps({{"code": end.code, "heavy": sorted(set({HEAVY!r}) & set(sys.modules))}}))
"""


def start(module: str, *arguments: str, **environ: str) -> tuple[list[Any], Any]:
    """What a service says, and how it ends."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, module, *arguments],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not ended.stderr
    *lines, end = map(json.loads, ended.stdout.splitlines())
    return lines, end


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_safe(service: str) -> None:
    """Outside of the sandbox, with nothing set: a line for each setting that must be, exit 78.

    It was a traceback, exit 1, of one setting at a time, after two seconds of imports.
    """
    lines, end = start(service)

    prefix = service.upper()
    named = {line["setting"] for line in lines}
    assert named >= {
        f"{prefix}_DATABASE_URL",
        f"{prefix}_TLS_CERTIFICATE_FILE",
        f"{prefix}_AUTH_SIGNING_KEY_FILE",
        f"{prefix}_SEALING_KEYS",
        f"{prefix}_SEALING_HASH_KEY",
    }
    if service == "linkedin_gateway":
        assert named >= {"UNIPILE_DSN", "UNIPILE_ACCESS_TOKEN", f"{prefix}_WEBHOOK_PUBLIC_URL"}
    if service == "webhook_dispatcher":
        assert f"{prefix}_SECRET_KEYS" in named
    assert {line["event"] for line in lines} == {"setting_refused"}
    assert all(line["problem"] and line["expected"] for line in lines)
    assert end == {"code": 78, "heavy": []}


def test_the_gateway_needs_nothing_of_temporal() -> None:
    """Its image is without the SDK, and `--check` works there too."""
    program = "import sys; sys.modules['temporalio'] = None; import linkedin_gateway.main"
    program += ", linkedin_gateway.check_composition"

    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_migrations_refuse_as_well() -> None:
    """A Job of migrations tells the same in the same way."""
    lines, end = start("webhook_dispatcher.migrate")

    assert end["code"] == 78
    assert "WEBHOOK_DISPATCHER_DATABASE_URL" in {line["setting"] for line in lines}
