"""The gateway's RPCs, each asked by everybody about what an organization has."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from devstack.stack.keys import Keys
from google.protobuf.timestamp_pb2 import Timestamp
from identity.access import ACCESS_OF
from linkedin_gateway.servicer_composition import compose_servicers
from outreach.linkedin.v1 import (
    account_service_pb2,
    action_pb2,
    hold_pb2,
    hold_service_pb2,
    inbound_service_pb2,
    pace_service_pb2,
    person_pb2,
    person_service_pb2,
    sign_in_pb2,
    sign_in_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from prometheus_client import CollectorRegistry
from servicekit.errors import NotYet
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.postgres import errors as postgres_errors
from servicekit.settings import ServiceSettings

from tests.access.matrix import Owned
from tests.fuzzing.calls import methods_of
from tests.integration.linkedin_gateway.conftest import ALWAYS, ORGANIZATION, UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.owners import connect


async def test_what_belongs_to_another_organization_does_not_exist(
    house: Any, keys: Keys, tmp_path: Path
) -> None:
    """Whatever RPC is asked, whatever it is asked for: neither seen nor told apart nor changed."""
    owned = await everything(house, keys)

    async with guarded(house, keys) as server:
        await replace(owned, address=server.address).check(
            methods_of("outreach.linkedin.v1"), tmp_path
        )


def guarded(house: Any, keys: Keys) -> GrpcServer:
    """The same gateway, on a port that asks who calls."""
    identity = Identity.of_server(
        ServiceSettings(**keys.settings("linkedin-gateway")),
        service="linkedin-gateway",
        sandbox=False,
        calls=True,
    )
    server = GrpcServer(
        interceptors=[
            standard_interceptor(
                CollectorRegistry(),
                authenticator=identity.authenticator,
                access_of=ACCESS_OF,
                translators=[postgres_errors.unavailable],
            )
        ]
    )
    compose_servicers(house.gateway).add_to(server)
    return server


async def everything(house: Any, keys: Keys) -> Owned:
    """One of everything that an organization can have at the gateway."""
    own = (("x-organization-id", ORGANIZATION),)
    account_id = house.account.account_id
    visit = house.request("visit_profile", "ada", action_id="camp_1/lead_ada/visit")
    await house.perform(visit)
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1", reason="lunch"
        ),
        metadata=own,
    )
    waiting = house.request("visit_profile", "bob")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(waiting)
    await house.fault(
        method="GET", route="/users/{identifier}", fault="error", type="too_many_requests"
    )
    with pytest.raises(NotYet):
        await house.resolve("grace")
    suppression = suppression_pb2.Suppression(
        organization_id=ORGANIZATION, public_identifier="carla", reason="asked"
    )
    added = await house.stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(suppressions=[suppression])
    )
    # Nobody else names her, so that what others allow tells nothing of her.
    another = suppression_pb2.Suppression(
        organization_id=ORGANIZATION, public_identifier="frieda", reason="asked"
    )
    await house.stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(suppressions=[another])
    )
    await house.people("ada", "reply", text="Hello!")
    pending = await connect(house, "2fa-ada")
    person = person_pb2.Person(public_identifier="ada")
    return Owned(
        service="linkedin-gateway",
        address="",
        keys=keys,
        pool=house.pool,
        organization_id=ORGANIZATION,
        account_ids=[account_id],
        filters=["CountWaiting"],
        nobodys=["ConfirmClock"],
        ids={
            "account_id": account_id,
            "action_id": waiting.action_id,
            "campaign_id": waiting.campaign_id,
            "lead_id": waiting.lead_id,
            "suppression_id": added.suppressions[0].suppression_id,
            "checkpoint_id": pending.checkpoint.checkpoint_id,
        },
        examples=[
            visit,
            person_service_pb2.GetProfileRequest(account_id=account_id, person=person),
            person_service_pb2.ListPostsRequest(account_id=account_id, person=person),
            person_service_pb2.FindPeopleRequest(organization_id=ORGANIZATION, identifiers=["ada"]),
            account_service_pb2.RegisterAccountRequest(
                organization_id=ORGANIZATION,
                unipile_account_id=UNIPILE_ACCOUNT,
                working_hours=ALWAYS,
            ),
            hold_service_pb2.PutHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=account_id, reason="mine"
            ),
            hold_service_pb2.LiftHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1"
            ),
            inbound_service_pb2.ReplayInboundRequest(
                account_id=account_id, since_time=Timestamp(seconds=1)
            ),
            pace_service_pb2.EndCoolDownRequest(
                account_id=account_id, kind=action_pb2.ACTION_KIND_VISIT
            ),
            sign_in_service_pb2.ConnectAccountRequest(
                organization_id=ORGANIZATION,
                account_id=account_id,
                credentials=sign_in_pb2.Credentials(session_cookie="a-cookie"),
            ),
            suppression_service_pb2.AddSuppressionsRequest(suppressions=[suppression]),
            [
                suppression_service_pb2.ImportSuppressionsRequest(
                    header=suppression_service_pb2.ImportSuppressionsHeader(
                        organization_id=ORGANIZATION, reason="asked"
                    )
                ),
                suppression_service_pb2.ImportSuppressionsRequest(
                    content=b"linkedin_url\nhttps://linkedin.example/in/dora\n"
                ),
            ],
            suppression_service_pb2.CheckSuppressionRequest(
                organization_id=ORGANIZATION, address="carla"
            ),
            suppression_service_pb2.AllowContactRequest(
                organization_id=ORGANIZATION, address="frieda", allow_missing=True
            ),
            suppression_service_pb2.FindSuppressedRequest(
                organization_id=ORGANIZATION,
                people=[person_pb2.Person(public_identifier="carla")],
            ),
            suppression_service_pb2.RecordRepliesRequest(
                organization_id=ORGANIZATION,
                leads=[
                    suppression_service_pb2.RepliedLead(
                        campaign_id=waiting.campaign_id, lead_id=waiting.lead_id
                    )
                ],
                reply_time=Timestamp(seconds=1),
            ),
        ],
    )
