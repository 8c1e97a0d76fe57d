"""The servicers of the gateway, put together over its parts."""

from __future__ import annotations

from functools import partial

from identity.audit.record_repository import Tracked
from identity.audit.trail import AuditTrail
from identity.installation import Installation
from outreach.installation.v1.server_info_pb2 import ServerInfo, UnipileInfo
from prometheus_client import CollectorRegistry
from servicekit.credentials.tls import Tls
from servicekit.health import Readiness
from servicekit.identity.identity import Identity
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.startup.server_facts import OwnSchema, ServerFacts

from linkedin_gateway.composition import Gateway
from linkedin_gateway.controls.person_suppression_repository import PersonSuppressionRepository
from linkedin_gateway.listings.accounts import AccountList
from linkedin_gateway.listings.actions import ActionList
from linkedin_gateway.listings.cool_downs import CoolDownList
from linkedin_gateway.listings.holds import HoldList
from linkedin_gateway.listings.suppressions import SuppressionList
from linkedin_gateway.servicers.access import Access
from linkedin_gateway.servicers.accounts import AccountServicer
from linkedin_gateway.servicers.actions import ActionServicer
from linkedin_gateway.servicers.holds import HoldServicer
from linkedin_gateway.servicers.inbound import InboundServicer
from linkedin_gateway.servicers.pace import PaceServicer
from linkedin_gateway.servicers.people import PersonServicer
from linkedin_gateway.servicers.registration import Servicers
from linkedin_gateway.servicers.sign_ins import SignInServicer
from linkedin_gateway.servicers.suppressions import SuppressionServicer
from linkedin_gateway.unipile_address import is_simulated, origin

SERVICE = "linkedin-gateway"
SCHEMA = "gateway"
PACKAGE = "linkedin_gateway"


def compose_audit(gateway: Gateway, identity: Identity, registry: CollectorRegistry) -> AuditTrail:
    """What records the gateway's calls."""
    return AuditTrail(
        gateway.pool,
        identity,
        registry,
        schema=SCHEMA,
        tracked={
            "account_id": Tracked("accounts", "account_id"),
            "action_id": Tracked("actions", "action_id", scoped=True),
            "subject_id": Tracked("holds", "subject_id"),
            "suppression_id": Tracked("suppressions", "suppression_id"),
        },
        keep=gateway.settings.audit_keep,
    )


def compose_servicers(gateway: Gateway) -> Servicers:
    """Every servicer on the gateway's parts."""
    repositories, clock = gateway.repositories, gateway.clock
    pool, tokens = gateway.pool, PageTokens(PageTokenKey(gateway.pool))
    access = Access(repositories.accounts, gateway.ledger, gateway.enrolment_check)
    return Servicers(
        actions=ActionServicer(
            actions=gateway.actions,
            ledger=gateway.ledger,
            action_list=ActionList(pool, tokens, gateway.repositories.ids),
            access=access,
            enrolments=repositories.enrolments,
            clock=clock,
            on_published=gateway.relay.wake,
        ),
        people=PersonServicer(gateway.person_reader, repositories.known_people, access),
        accounts=AccountServicer(
            intake=gateway.intake,
            lifecycle=gateway.lifecycle,
            account_list=AccountList(pool, tokens),
            access=access,
        ),
        sign_ins=SignInServicer(
            links=gateway.connect_links, sign_ins=gateway.credential_sign_in, access=access
        ),
        pace=PaceServicer(
            queue=repositories.queue,
            capacity=gateway.capacity,
            health=gateway.health,
            cool_downs=gateway.cool_downs,
            cool_down_list=CoolDownList(pool, tokens),
            tokens=tokens,
            access=access,
            clock=clock,
            confirm_clock=partial(clock.confirm, pool),
        ),
        holds=HoldServicer(gateway.holds, HoldList(pool, tokens), access, gateway.write_refusals),
        suppressions=SuppressionServicer(
            suppressions=gateway.suppressions,
            of_person=PersonSuppressionRepository(pool, repositories.ids, gateway.clock),
            suppression_list=SuppressionList(pool, tokens),
            replies=repositories.replies,
            clock=clock,
        ),
        inbound=InboundServicer(gateway.inbound, access),
    )


def compose_installation(gateway: Gateway, readiness: Readiness, tls: Tls | None) -> Installation:
    """On the gateway's parts."""
    return Installation(
        ServerFacts(
            gateway.settings,
            service=SERVICE,
            schemas=[OwnSchema(schema=SCHEMA, package=PACKAGE, pool=gateway.pool)],
            readiness=readiness,
            tls=tls,
        ),
        lambda: ServerInfo(unipile=_unipile(gateway)),
        secrets=gateway.settings.secrets(),
    )


def _unipile(gateway: Gateway) -> UnipileInfo:
    own, registration = gateway.settings, gateway.webhook_registration
    told = UnipileInfo(
        address=origin(own.unipile_dsn, own.sandbox_unipile_host),
        simulated=is_simulated(own.unipile_dsn, own.sandbox_unipile_host),
        public_url=own.webhook_public_url,
        webhook_sources=registration.sources,
    )
    if registration.looked_at is not None:
        told.look_time.FromDatetime(registration.looked_at)
    return told
