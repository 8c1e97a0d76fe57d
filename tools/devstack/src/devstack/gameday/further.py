"""Ten more faults, each of another alert: `make gameday FAULTS=further`."""

from __future__ import annotations

import asyncio

from devstack.gameday.faults import Fault
from devstack.gameday.world import ACCOUNTS, World
from devstack.stack.certificates import replace_file
from devstack.stack.simulator import ACCESS_TOKEN

_SIGNED_OUT = ACCOUNTS[:4]
"""More than a fifth of them."""
_BUG = """
CREATE FUNCTION public.bug() RETURNS trigger LANGUAGE plpgsql
    AS $$BEGIN RAISE EXCEPTION 'a bug of ours'; END$$;
CREATE TRIGGER bug BEFORE INSERT ON campaign.step_executions
    FOR EACH ROW EXECUTE FUNCTION public.bug();
"""
_ROLL_BACK = "DROP FUNCTION public.bug() CASCADE"
_CUT = """
SET session_replication_role = replica;
DELETE FROM campaign.audit_seals
 WHERE position = (SELECT max(position) FROM campaign.audit_seals);
"""
"""Who may do that may do anything: triggers refuse it to everybody else."""


async def _have_key(world: World, key: str) -> None:
    await asyncio.to_thread(replace_file, world.key_file, f"{key}\n".encode())


async def _signed_in(world: World, status: str) -> None:
    for account in _SIGNED_OUT:
        await world.stack.simulator.set_account_status(account.id, status)


async def _halve_certificate(world: World) -> None:
    replace_file(world.stack.certificates.key("webhook-dispatcher"), b"half a key\n")


async def _with_work(world: World, name: str, away: str) -> None:
    """A service is away while there is something to tell it."""
    await world.new_campaign(name)
    await world.stack.kill(away)


async def _refuse_webhooks(world: World) -> None:
    world.stack.receiver.refuses = True
    await world.new_campaign("refused")


async def _take_webhooks(world: World) -> None:
    world.stack.receiver.refuses = False


async def _release_a_bug(world: World) -> None:
    await world.execute(_BUG)
    await world.new_campaign("bug")


FURTHER = (
    Fault(
        name="wrong key",
        cause="the file with Unipile's key has another one",
        make=lambda world: _have_key(world, "another-key"),
        alert="UnipileAccessRefused",
        action="Put the right key into the file of `UNIPILE_ACCESS_TOKEN_FILE`",
        end=lambda world: _have_key(world, ACCESS_TOKEN),
    ),
    Fault(
        name="Unipile away",
        cause="kill -9 of the simulated Unipile",
        make=lambda world: world.stack.kill("simulator"),
        alert="UnipileNotAnswering",
        action="Wait",
        end=lambda world: world.stack.start("simulator"),
    ),
    Fault(
        name="sessions ended",
        cause="LinkedIn has signed four of twelve accounts out",
        make=lambda world: _signed_in(world, "CREDENTIALS"),
        alert="LinkedInAccountsDisconnected",
        action="their owners sign in",
        end=lambda world: _signed_in(world, "RECONNECTED"),
    ),
    Fault(
        name="half a certificate",
        cause="webhook-dispatcher's key was replaced by something else",
        make=_halve_certificate,
        alert="OutreachCertificateUnreadable",
        labels={"job": "webhook-dispatcher"},
        action="Replace the file",
        end=lambda world: world.renew_certificate("webhook-dispatcher"),
    ),
    Fault(
        name="dispatcher away",
        cause="kill -9 of webhook-dispatcher while campaigns run",
        make=lambda world: _with_work(world, "untold", "webhook-dispatcher"),
        alert="OutreachEventsNotPublished",
        action="Bring it back",
        end=lambda world: world.stack.start("webhook-dispatcher"),
    ),
    Fault(
        name="no workers",
        cause="kill -9 of outreach-worker",
        make=lambda world: world.stack.kill("outreach-worker"),
        alert="TemporalPollersGone",
        labels={"task_queue": "outreach"},
        action="Start or roll back the worker",
        end=lambda world: world.stack.start("outreach-worker"),
    ),
    Fault(
        name="customer refuses",
        cause="every endpoint of the customer answers 503",
        make=_refuse_webhooks,
        alert="WebhookEndpointsRefuse",
        action="One customer: tell them",
        end=_take_webhooks,
    ),
    Fault(
        name="campaign-api away",
        cause="kill -9 of campaign-api while people answer",
        make=lambda world: _with_work(world, "unheard", "campaign-api"),
        alert="LinkedInEventsLate",
        action="Bring back what is away",
        end=lambda world: world.stack.start("campaign-api"),
    ),
    Fault(
        name="bug in an activity",
        cause="a trigger in the database fails as a bug of a release would",
        make=_release_a_bug,
        alert="OutreachActivityBugs",
        action="roll back",
        end=lambda world: world.execute(_ROLL_BACK),
    ),
    Fault(
        name="audit cut",
        cause="the last seal of campaign-api's audit is deleted by an administrator",
        make=lambda world: world.execute(_CUT),
        alert="OutreachAuditTampered",
        action="Export what is left",
        end=lambda world: world.export_audit(),
    ),
)
"""In the order in which they are played."""
