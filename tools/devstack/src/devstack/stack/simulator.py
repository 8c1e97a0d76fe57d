"""The Unipile simulator as a part of the stack."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from devstack.stack.loopback import loopback_client
from devstack.stack.processes import Command, Process, Reaper

ACCESS_TOKEN = "sandbox-access-token"  # noqa: S105 - opens nothing but the simulator
_STARTS_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class SimulatedAccount:
    """A LinkedIn account that exists at the simulated Unipile from the start."""

    id: str
    name: str
    tier: str = "premium"


DEFAULT_ACCOUNTS = (
    SimulatedAccount(id="acc-noor-haddad", name="Noor Haddad", tier="premium"),
    SimulatedAccount(id="acc-mateus-prado", name="Mateus Prado", tier="sales_navigator"),
)


def read_options(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The simulator's flags of `DEMO_SIMULATOR`, such as `--knob lost_webhooks=0.2`.

    Raises `ValueError` for a quotation that does not end.
    """
    return tuple(shlex.split(environ.get("DEMO_SIMULATOR", "")))


class Simulator:
    """One simulated world; it outlives its process."""

    def __init__(
        self,
        directory: Path,
        log: Path,
        reaper: Reaper,
        *,
        port: int,
        environment: Mapping[str, str],
        seed: int,
        people: Path | None,
        accounts: Sequence[SimulatedAccount],
        options: Sequence[str] = (),
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._directory = directory
        arguments = [sys.executable, "-m", "unipile_simulator", "--port", str(port)]
        arguments += ["--seed", str(seed), "--state", str(directory / "simulator.db")]
        if people is not None:
            arguments += ["--people", str(people)]
        for account in accounts:
            words = f"id={account.id},name={account.name},tier={account.tier}"
            arguments += ["--account", words]
        self.process = Process(
            Command(
                name="simulator",
                arguments=(*arguments, *options),
                environment={**environment, "UNIPILE_ACCESS_TOKEN": ACCESS_TOKEN},
                log=log,
            ),
            reaper,
        )

    async def start(self) -> None:
        """Start it, also after it was killed."""
        self._directory.mkdir(parents=True, exist_ok=True)
        await self.process.start()
        await self.process.until_ready(self._answers, within=_STARTS_WITHIN)

    async def journal(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Every call it received and every webhook it sent, in order."""
        answer = await self._get("journal", since_seq=since)
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def people(self) -> list[dict[str, Any]]:
        """Everybody it knows."""
        items: list[dict[str, Any]] = (await self._get("people"))["items"]
        return items

    async def known_as(self, identifier: str) -> str:
        """The name under which the journal has somebody, whatever they are called by."""
        name: str = (await self._get(f"people/{identifier}"))["public_id"]
        return name

    async def put_person(self, public_identifier: str, **facts: str) -> None:
        """Make somebody of a given temperament."""
        await self._send("PUT", f"people/{public_identifier}", facts)

    async def rename(self, public_identifier: str, new: str) -> None:
        """Give somebody another public identifier; the one they had keeps resolving."""
        await self._send("POST", f"people/{public_identifier}/rename", {"public_identifier": new})

    async def write_as(self, public_identifier: str, text: str, **more: Any) -> None:
        """Have a person write; `inbox`, `days_ago`, `account_id` and flags are as over HTTP."""
        await self._send("POST", f"people/{public_identifier}/reply", {"text": text, **more})

    async def audit(self) -> list[dict[str, Any]]:
        """Everything that happened, in the order of the provider's clock."""
        items: list[dict[str, Any]] = (await self._get("audit"))["items"]
        return items

    async def chances(self, account_id: str, text: str, people: Sequence[str]) -> dict[str, float]:
        """How likely each person accepts who is written this: the truth, for judges."""
        body = {"account_id": account_id, "text": text, "people": list(people)}
        items = (await self._send("POST", "truth/chances", body))["items"]
        return {each["public_id"]: each["accepts"] for each in items}

    async def mark(self, text: str, account_id: str | None = None) -> None:
        """Put a mark into the journal, at the provider's present instant."""
        await self._send("POST", "marks", {"text": text, "account_id": account_id})

    async def disable_webhooks(self) -> None:
        """Have Unipile switch every registration off."""
        await self._send("POST", "webhooks/disable", {})

    async def delete_webhooks(self) -> None:
        """Have Unipile forget every registration."""
        await self._send("DELETE", "webhooks", {})

    async def set_account_status(self, account_id: str, status: str) -> None:
        """Move an account to another health; its webhooks carry it."""
        await self._send("POST", f"accounts/{account_id}/status", {"status": status})

    async def order_fault(self, **fault: Any) -> None:
        """Have something go wrong: a call, a read, or a webhook."""
        await self._send("POST", "faults", fault)

    async def cancel_faults(self) -> None:
        """From now on nothing goes wrong that was ordered."""
        await self._send("DELETE", "faults", {})

    async def _get(self, path: str, **query: int) -> dict[str, Any]:
        async with loopback_client(self.url, timeout=30) as http:
            answer = await http.get(f"/_simulator/{path}", params=query)
            answer.raise_for_status()
            body: dict[str, Any] = answer.json()
            return body

    async def _send(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        async with loopback_client(self.url, timeout=30) as http:
            answer = await http.request(method, f"/_simulator/{path}", json=body)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
            return told

    async def _answers(self) -> bool:
        try:
            await self._get("health")
        except httpx.HTTPError:
            return False
        return True
