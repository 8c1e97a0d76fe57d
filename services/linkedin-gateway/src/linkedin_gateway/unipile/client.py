"""Every call that outreach needs, by noun."""

from __future__ import annotations

from linkedin_gateway.metrics import Metrics
from linkedin_gateway.unipile.accounts import Accounts
from linkedin_gateway.unipile.invitations import Invitations
from linkedin_gateway.unipile.messages import Messages
from linkedin_gateway.unipile.people import People
from linkedin_gateway.unipile.posts import Posts
from linkedin_gateway.unipile.sign_ins import SignIns
from linkedin_gateway.unipile.transport import Client, Timeouts, Transport
from linkedin_gateway.unipile.webhooks import Webhooks


class Unipile:
    """The access provider, as the gateway uses it."""

    def __init__(self, client: Client, *, timeouts: Timeouts, metrics: Metrics) -> None:
        transport = Transport(client, timeouts=timeouts, metrics=metrics)
        self.check = transport.check
        self.accounts = Accounts(transport)
        self.sign_ins = SignIns(transport)
        self.people = People(transport)
        self.invitations = Invitations(transport)
        self.posts = Posts(transport)
        self.messages = Messages(transport)
        self.webhooks = Webhooks(transport)
