"""The local overlay in containers: it starts, a campaign ends, and what runs is hardened."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from devstack.stack.virtual_time import clock_reading, next_monday_morning, sandbox_clock

from deployment.containers.podman import PodNetwork
from deployment.containers.translation import Addresses, config_maps_of, pod_of
from deployment.containers.usage import Usage, usage_of
from deployment.manifests.objects import SERVICES, Rendering

SPEED = 20_000.0
_ORGANIZATION = "org_trial"
_ACCOUNTS = ("acc-noor-haddad", "acc-mateus-prado")
_FIRST = ("postgres", "temporal", "unipile-simulator")
_ENDED = "CAMPAIGN_STATE_COMPLETED"
_USER = "10001"


class TrialFailed(RuntimeError):
    """What runs is not as it is meant to be."""


def clock() -> str:
    """A clock that shows the next Monday morning, and runs fast."""
    now = datetime.now(UTC)
    return sandbox_clock(clock_reading(next_monday_morning(now), when=now, speed=SPEED))


class Trial:
    """One run of an overlay."""

    def __init__(self, podman: PodNetwork, rendering: Rendering, images: Mapping[str, str]) -> None:
        self._podman = podman
        self._rendering = rendering
        self._images = images
        self._addresses = Addresses(rendering, podman.subnet.rpartition(".")[0])

    def start(self) -> None:
        """Everything, each behind what it needs. Raises `TrialFailed` when a part fails."""
        for secret in self._rendering.of("Secret"):
            self._podman.add_secret(secret["metadata"]["name"], secret["data"])
        for name in _FIRST:
            self._play(name)
        self._until_listening("postgres", 5432)
        self._until_listening("temporal", 7233)
        jobs = [each.name for each in self._rendering.workloads if each.kind == "Job"]
        for name in sorted(jobs, key=lambda job: (job != "database-roles", job)):
            self._play(name)
            self._until_done(name)
        for name in SERVICES:
            self._play(name)
        for name in SERVICES:
            self._until_ready(name)

    def _play(self, name: str) -> None:
        workload = next(each for each in self._rendering.workloads if each.name == name)
        pod = pod_of(workload, self._addresses, self._images)
        self._podman.play(pod, config_maps_of(self._rendering), self._addresses.of(name))

    def _until_listening(self, name: str, port: int) -> None:
        def listens() -> bool:
            try:
                socket.create_connection((self._addresses.of(name), port), timeout=2).close()
            except OSError:
                return False
            return True

        if not _within(120, listens):
            raise TrialFailed(f"{name} does not listen: {self.log(name)}")

    def _until_done(self, name: str) -> None:
        """A Job may fail and be tried again, as in a cluster, until it has succeeded."""

        def done() -> bool:
            state = self._podman.inspect(f"{name}-{name}")["State"]
            return not state["Running"] and state["ExitCode"] == 0

        if not _within(180, done):
            raise TrialFailed(f"{name} has not ended well: {self.log(name)}")

    def _until_ready(self, name: str) -> None:
        url = f"http://{self._addresses.of(name)}:9464/readyz"

        def ready() -> bool:
            try:
                return httpx.get(url, timeout=2).is_success
            except httpx.HTTPError:
                return False

        if not _within(120, ready):
            raise TrialFailed(f"{name} is not ready: {self.log(name)}")

    def log(self, name: str) -> str:
        """The end of what a pod has said."""
        return self._podman.said(f"{name}-{name}")

    def outreach(self, *words: str, folder: Path, timeout: float = 120) -> str:
        """The command line, in its own image, as somebody beside the services uses it."""
        at = self._addresses
        environment = {
            "OUTREACH_CAMPAIGN_API_ADDRESS": f"{at.of('campaign-api')}:50051",
            "OUTREACH_GATEWAY_ADDRESS": f"{at.of('linkedin-gateway')}:50052",
            "OUTREACH_DISPATCHER_ADDRESS": f"{at.of('webhook-dispatcher')}:50053",
            "OUTREACH_ORGANIZATION": _ORGANIZATION,
        }
        options = [f"--env={name}={value}" for name, value in environment.items()]
        return self._podman.run(
            *("run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", self._podman.network),  # noqa: S108 - the container's own
            *("--volume", f"{folder}:/examples:ro", *options),
            *(self._images["outreach"], *words),
            timeout=timeout,
        )

    def run_a_campaign(self, examples: Path, *, within: float) -> dict[str, Any]:
        """The given leads and sequence, to the end; what the campaign came to.

        Raises `TrialFailed` when it has not ended by then.
        """
        for account in _ACCOUNTS:
            self._json("accounts", "register", account, folder=examples)
        registered = self._json("accounts", "list", folder=examples)["accounts"]
        accounts = [word for each in registered for word in ("--account", each["accountId"])]
        made = self._json(
            *("campaigns", "create", "Trial", "--sequence", "/examples/sequence.json", *accounts),
            folder=examples,
        )
        campaign = made["campaign"]["campaignId"]
        self.outreach("campaigns", "import-leads", campaign, "/examples/leads.csv", folder=examples)
        self.outreach("campaigns", "start", campaign, folder=examples)
        seen: dict[str, Any] = {}

        def ended() -> bool:
            seen.update(self._json("campaigns", "get", campaign, folder=examples)["campaign"])
            return bool(seen["state"] == _ENDED)

        if not _within(within, ended, every=3):
            raise TrialFailed(f"the campaign has not ended: {json.dumps(seen)[:1500]}")
        return seen

    def _json(self, *words: str, folder: Path) -> Any:
        return json.loads(self.outreach(*words, "--json", folder=folder))

    def invitations(self) -> dict[str, int]:
        """How often each person was invited, by Unipile's own journal."""
        address = self._addresses.of("unipile-simulator")
        told = httpx.get(f"http://{address}:8900/_simulator/journal", timeout=30).json()
        counts: dict[str, int] = {}
        for each in told["items"]:
            if each["kind"] == "invite" and each["changed"]:
                counts[each["target"]] = counts.get(each["target"], 0) + 1
        return counts

    def usage(self) -> dict[str, Usage]:
        """What each service has taken until now."""
        return {
            name: usage_of(self._podman.inspect(f"{name}-{name}")["State"]["Pid"])
            for name in SERVICES
        }

    def hardening(self) -> Iterator[str]:
        """What is not as hardened as the manifests say; nothing when all is."""
        for name in SERVICES:
            container = f"{name}-{name}"
            script = (
                "id -u; touch /app/x 2>/dev/null && echo writable; grep CapEff /proc/self/status"
            )
            told = self._podman.run("exec", container, "/bin/sh", "-c", script, check=False)
            if told.split()[:1] != [_USER]:
                yield f"{name} runs as {told.split()[:1]}"
            if "writable" in told:
                yield f"{name} writes to its root file system"
            if "CapEff:\t0000000000000000" not in told:
                yield f"{name} has capabilities"
            limit = self._podman.inspect(container)["HostConfig"]["Memory"]
            if not limit:
                yield f"{name} has no memory limit"

    def silent_about_plain_text(self) -> Iterator[str]:
        """Services that do not say that they are reached, and reach others, without encryption."""
        for name in SERVICES:
            url = f"http://{self._addresses.of(name)}:9464/readyz"
            told = httpx.get(url, timeout=10).json()["notes"].get("encryption", "nothing")
            if "plain text, in the sandbox" not in told:
                yield f"{name} tells of its encryption: {told}"

    def drains(self) -> Iterator[str]:
        """Services that do not end in order when they are told to; every one ends."""
        for name in SERVICES:
            workload = next(each for each in self._rendering.workloads if each.name == name)
            grace = str(workload.pod["terminationGracePeriodSeconds"])
            container = f"{name}-{name}"
            started = time.monotonic()
            self._podman.run("stop", "--time", grace, container, timeout=float(grace) + 30)
            code = self._podman.inspect(container)["State"]["ExitCode"]
            if code:
                yield f"{name} ended with {code} after {time.monotonic() - started:.0f} s"

    def is_killed_over_its_limit(self) -> bool:
        """Whether a container of ours that takes more memory than its limit is ended for it."""
        told = self._podman.run(
            *("run", "--rm", "--memory", "64m", "--memory-swap", "64m", "--entrypoint", "python"),
            *(self._images["campaign-api"], "-c", "x = bytearray(512 << 20); print('lived')"),
            check=False,
        )
        return "lived" not in told


def _within(seconds: float, holds: Callable[[], bool], *, every: float = 1) -> bool:
    """Whether something holds within some time; podman tells of nothing by itself."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(every)
    return False


def image_names(rendering: Rendering, tag: str) -> dict[str, str]:
    """By what manifests call our images, what they are called here."""
    ours = {
        str(container["image"]): f"localhost/{container['image'].partition(':')[0]}:{tag}"
        for workload in rendering.workloads
        for container in workload.containers
        if container["image"].startswith("outreach/")
    }
    return ours | {
        "outreach": f"localhost/outreach/outreach:{tag}",
        "campaign-api": f"localhost/outreach/campaign-api:{tag}",
    }
