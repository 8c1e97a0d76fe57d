"""The service as a process: it comes up, says what is missing, and ends in order."""

import asyncio
import json
import os
import re
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports

pytestmark = pytest.mark.long


def readiness(port: int) -> dict[str, Any]:
    """What `/readyz` says; nothing while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            body: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as refused:
        body = json.load(refused)
    except OSError:
        return {}
    return body


def metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text: str = answer.read().decode()
    return text


@asynccontextmanager
async def running(environ: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "outreach_worker",
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(port: int, expected: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What `/readyz` says once it says what is expected."""
    async with asyncio.timeout(120):
        while True:
            report = await asyncio.to_thread(readiness, port)
            if expected(report):
                return report
            await asyncio.sleep(0.05)


async def shown(port: int, expected: Callable[[str], object]) -> str:
    """The metrics once there is in them what is expected."""
    async with asyncio.timeout(60):
        while True:
            text = await asyncio.to_thread(metrics, port)
            if expected(text):
                return text
            await asyncio.sleep(0.05)


async def test_it_comes_up_and_ends_in_order(
    new_database: Callable[..., str], temporal_server: Any, keys: Keys
) -> None:
    """On an empty database it makes its schema, is ready, tells metrics, and exits 0 on SIGTERM."""
    (port,) = free_ports(1)
    environ = {
        "OUTREACH_WORKER_DATABASE_URL": new_database(),
        "OUTREACH_WORKER_HTTP_PORT": str(port),
        "OUTREACH_WORKER_HTTP_HOST": "127.0.0.1",
        "OUTREACH_WORKER_TLS_BY_MESH": "loopback",
        **keys.environment("outreach-worker"),
        **temporal_server.environ,
    }

    async with running(environ) as process:
        report = await said(port, lambda report: bool(report.get("ready")))
        told = await asyncio.to_thread(metrics, port)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 30)

    assert report["checks"] == dict.fromkeys(
        ("postgres", "schema", "schema automation", "temporal"), "ok"
    )
    assert "leads_admitted_total 0.0" in told
    assert "temporal_" in told
    assert code == 0


async def test_it_says_what_is_missing(new_database: Callable[..., str], keys: Keys) -> None:
    """Without Temporal it lives, is not ready, and says so; SIGTERM still ends it in order."""
    port, nobody = free_ports(2)
    environ = {
        "OUTREACH_WORKER_DATABASE_URL": new_database(),
        "OUTREACH_WORKER_HTTP_PORT": str(port),
        "OUTREACH_WORKER_HTTP_HOST": "127.0.0.1",
        "OUTREACH_WORKER_TLS_BY_MESH": "loopback",
        **keys.environment("outreach-worker"),
        "TEMPORAL_ADDRESS": f"127.0.0.1:{nobody}",
    }

    async with running(environ) as process:
        report = await said(port, lambda report: report.get("checks", {}).get("postgres") == "ok")
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 30)

    assert report["ready"] is False
    assert report["checks"]["temporal"] == "starting"
    assert code == 0


async def test_what_fits_models_serves_their_queue_and_nothing_else(
    new_database: Callable[..., str], temporal_server: Any, keys: Keys
) -> None:
    """It needs no key of the services, is not taken for a worker, and asks for trainings alone."""
    (port,) = free_ports(1)
    sealing = {
        name: value
        for name, value in keys.environment("outreach-worker").items()
        if "_SEALING_" in name
    }
    environ = {
        "OUTREACH_WORKER_TRAINING": "here",
        "OUTREACH_WORKER_DATABASE_URL": new_database(),
        "OUTREACH_WORKER_HTTP_PORT": str(port),
        "OUTREACH_WORKER_HTTP_HOST": "127.0.0.1",
        "OUTREACH_WORKER_TLS_BY_MESH": "loopback",
        **sealing,
        **temporal_server.environ,
    }

    async with running(environ) as process:
        report = await said(port, lambda report: bool(report.get("ready")))
        told = await shown(port, polled)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 30)

    assert polled(told) == {"training"}
    assert 'service="outreach-worker-training"' in told
    assert 'service="outreach-worker"' not in told
    assert set(report["notes"]) == {"encryption", "writes"}
    assert "services" not in report["notes"]["encryption"]
    assert code == 0


def polled(told: str) -> set[str]:
    """The task queues that a process has pollers for, as its alert asks it."""
    lines = re.findall(r"^temporal_num_pollers\{(.*)\} [1-9]", told, re.MULTILINE)
    return {found[1] for line in lines if (found := re.search(r'task_queue="([^"]+)"', line))}
