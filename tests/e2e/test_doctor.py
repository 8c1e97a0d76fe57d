"""`outreach doctor` on real parts that are set up wrongly, one mistake beside the other."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from devstack.demo.demo import shell_environment
from devstack.demo.driver import Driver
from devstack.stack.stack import Stack, StackOptions
from google.protobuf.duration_pb2 import Duration
from outreach_client.exit_codes import ExitCode
from servicekit.clock import Clock
from temporalio.api.operatorservice.v1 import (
    ListSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.lasts(seconds=90)]

COMMAND = Path(sys.executable).with_name("outreach")
SKEWED = "tests.integration.linkedin_gateway.skewed"
ELSEWHERE = "elsewhere"

Findings = Mapping[str, Mapping[str, str]]
"""By check: its state, what was found, and what to do."""


@pytest_asyncio.fixture(loop_scope="session")
async def own_stack() -> AsyncIterator[Stack]:
    """A stack that may be spoiled, with an account that is connected."""
    virtual = Clock(epoch=datetime.now(UTC), speed=2.0)
    async with Stack(StackOptions(clock=virtual)) as running:
        await Driver(running).register_accounts()
        yield running


async def doctor(stack: Stack, **changes: str) -> tuple[int, Findings]:
    """What it ends with, and finds."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        "doctor",
        "--json",
        env={**os.environ, **shell_environment(stack), **changes},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, {each["check"]: each for each in json.loads(output)}


async def until_found(stack: Stack, check: str, found: str) -> Findings:
    """Ask it until a check finds that: servers look at some things now and then."""
    findings: Findings = {}
    try:
        while check not in findings or found not in findings[check]["found"]:
            _, findings = await doctor(stack)
    except asyncio.CancelledError:
        sys.stdout.write(json.dumps(findings, indent=2))
        raise
    return findings


async def restart(stack: Stack, name: str, *, module: str = "", **changes: str) -> None:
    """Start a service anew with other settings, or as another module."""
    process = stack.services[name].process
    await process.stop()
    arguments = (sys.executable, "-m", *module.split()) if module else process.command.arguments
    environment = {**process.command.environment, **changes}
    process.command = replace(process.command, arguments=arguments, environment=environment)
    await stack.services[name].start()


async def make_namespace(stack: Stack) -> None:
    """Another namespace, without our search attributes."""
    client = await Client.connect(stack.addresses.temporal)
    kept = Duration(seconds=86400)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=ELSEWHERE, workflow_execution_retention_period=kept)
    )
    while True:
        try:
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=ELSEWHERE)
            )
            found = await client.operator_service.list_search_attributes(
                ListSearchAttributesRequest(namespace=ELSEWHERE)
            )
        except RPCError:
            continue
        ours = [name for name in found.custom_attributes if name == "CampaignId"]
        if ours:
            await client.operator_service.remove_search_attributes(
                RemoveSearchAttributesRequest(namespace=ELSEWHERE, search_attributes=ours)
            )
        return


def assert_wrong(findings: Findings, check: str, *, found: str, do: str, state: str) -> None:
    named = findings[check]
    assert (named["state"], found in named["found"], do in named["do"]) == (state, True, True), (
        named
    )


async def test_each_of_twelve_mistakes_is_named(own_stack: Stack) -> None:
    """Nothing is wrong at first; then each mistake is found by its own name, with what to do."""
    stack = own_stack
    async with asyncio.timeout(200):
        well = await until_found(stack, "webhooks of Unipile", "are registered")
        assert {name for name, each in well.items() if each["state"] == "ERROR"} == set()
        assert well["versions"]["found"] == "0.1.0"
        assert {"schema gateway", "schema campaign", "schema identity", "schema webhook"} <= {*well}

        await make_namespace(stack)
        # 1 to 3: campaign-api in a namespace of its own, where nobody works and nothing is known.
        await restart(stack, "campaign-api", TEMPORAL_NAMESPACE=ELSEWHERE)
        # 4, 5: a dispatcher of another build, whose certificate nobody has renewed.
        await restart(stack, "webhook-dispatcher", BUILD_REVISION="4f2a91c07d")
        soon = datetime.now(UTC) + timedelta(days=2)
        stack.certificates.renew("webhook-dispatcher", not_after=soon)
        # 6: its schema, as an old backup has it.
        await set_revision(stack, "webhook", "0001")
        # 7 to 9: a gateway with a wrong key of Unipile's, without webhooks, and a clock of its own.
        await restart(
            stack, "linkedin-gateway", module=f"{SKEWED} 6", UNIPILE_ACCESS_TOKEN="a-wrong-one"
        )
        code, _ = await doctor(stack)
        findings = await until_found(stack, "unipile of linkedin-gateway", "Unipile")

        assert code == ExitCode.NOT_IN_THIS_STATE
        named: Any = lambda *given, **rest: assert_wrong(findings, *given, **rest)  # noqa: E731
        named("Temporal namespaces", found=ELSEWHERE, do="TEMPORAL_NAMESPACE", state="ERROR")
        named("pollers", found="outreach", do="outreach-worker", state="ERROR")
        named("search attributes", found="CampaignId", do=ELSEWHERE, state="ERROR")
        named("versions", found="4f2a91c07d", do="one build", state="warning")
        named("certificate of webhook-dispatcher", found="expires", do="Renew", state="warning")
        named("schema webhook", found="is at 0001", do="webhook_dispatcher.migrate", state="ERROR")
        named(
            "unipile of linkedin-gateway", found="Unipile", do="UNIPILE_ACCESS_TOKEN", state="ERROR"
        )
        named("webhooks of linkedin-gateway", found="webhooks", do="PUBLIC_URL", state="ERROR")
        named("clock of linkedin-gateway", found="behind", do="NTP", state="warning")

        # 10: no public URL. 11: an address at which nobody is. 12: a key that opens nothing.
        await restart(stack, "linkedin-gateway", LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL="")
        await until_found(stack, "webhooks of linkedin-gateway", "no public URL is set")
        _, away = await doctor(stack, OUTREACH_DISPATCHER_ADDRESS="127.0.0.1:1")
        _, strange = await doctor(stack, OUTREACH_API_KEY_FILE="", OUTREACH_API_KEY="nobodys")

    assert_wrong(
        away, "webhook-dispatcher", found="does not answer", do="outreach config", state="ERROR"
    )
    assert_wrong(strange, "who calls", found="API_KEY_INVALID", do="outreach login", state="ERROR")


async def set_revision(stack: Stack, schema: str, revision: str) -> None:
    """Have a schema say that it is at another migration."""
    connection = await asyncpg.connect(stack.postgres.url(schema))
    try:
        await connection.execute(f"UPDATE {schema}.schema_version SET version_num = $1", revision)
    finally:
        await connection.close()
