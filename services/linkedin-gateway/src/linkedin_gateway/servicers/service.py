"""LinkedInService, put together of its parts."""

from __future__ import annotations

from outreach.linkedin.v1 import linkedin_service_pb2_grpc as rpc
from servicekit.clock import Clock

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.cool_downs import CoolDowns
from linkedin_gateway.accounts.health_monitor import HealthMonitor
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.actions.people import People
from linkedin_gateway.actions.perform import Actions
from linkedin_gateway.controls.holds import Holds
from linkedin_gateway.controls.reply_repository import ReplyRepository
from linkedin_gateway.controls.suppressions import Suppressions
from linkedin_gateway.inbound.handler import InboundHandler
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.ledger.queue_repository import QueueRepository
from linkedin_gateway.pace.snapshot import PaceRules
from linkedin_gateway.servicers.access import Access
from linkedin_gateway.servicers.account_life import AccountLifeServicer
from linkedin_gateway.servicers.accounts import AccountsServicer
from linkedin_gateway.servicers.actions import ActionsServicer
from linkedin_gateway.servicers.holds import HoldsServicer
from linkedin_gateway.servicers.pace import PaceServicer
from linkedin_gateway.servicers.suppressions import SuppressionsServicer
from linkedin_gateway.sign_in.connect_links import ConnectLinks
from linkedin_gateway.sign_in.credential_sign_in import CredentialSignIn


class LinkedInServicer(
    ActionsServicer,
    AccountsServicer,
    AccountLifeServicer,
    PaceServicer,
    HoldsServicer,
    SuppressionsServicer,
    rpc.LinkedInServiceServicer,
):
    """Each part has the rpcs of one noun; what they need is given here."""

    def __init__(
        self,
        *,
        actions: Actions,
        ledger: Ledger,
        people: People,
        accounts: AccountLifecycle,
        account_repository: AccountRepository,
        links: ConnectLinks,
        sign_ins: CredentialSignIn,
        holds: Holds,
        suppressions: Suppressions,
        replies: ReplyRepository,
        inbound: InboundHandler,
        health: HealthMonitor,
        cool_downs: CoolDowns,
        queue: QueueRepository,
        rules: PaceRules,
        clock: Clock,
    ) -> None:
        self._actions = actions
        self._ledger = ledger
        self._people = people
        self._accounts = accounts
        self._account_repository = account_repository
        self._links = links
        self._sign_ins = sign_ins
        self._access = Access(account_repository, ledger)
        self._holds = holds
        self._suppressions = suppressions
        self._replies = replies
        self._inbound = inbound
        self._health = health
        self._cool_downs = cool_downs
        self._queue = queue
        self._rules = rules
        self._clock = clock
