"""`/_simulator/accounts`: their health, their credits, and what history brings."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from unipile_simulator.accounts.accounts import ESTABLISHED, RESTRICTED, STATUSES, Account
from unipile_simulator.clock import DAY
from unipile_simulator.control.serving import Body, control_route, number
from unipile_simulator.control.states import account_state
from unipile_simulator.errors import invalid
from unipile_simulator.people.people import public_identifier
from unipile_simulator.world.world import World

_MANY_CONNECTIONS = 480
_MANY_MESSAGES = 50


class AccountsControl:
    """Accounts, moved from outside."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            control_route(self._world, "GET", "/accounts", self.accounts),
            control_route(self._world, "POST", "/accounts", self.create),
            control_route(self._world, "GET", "/accounts/{id}", self.account),
            control_route(self._world, "POST", "/accounts/{id}/status", self.set_status),
            control_route(self._world, "PUT", "/accounts/{id}/owner", self.tell_owner),
            control_route(self._world, "PUT", "/accounts/{id}/inmail_credits", self.set_credits),
            control_route(self._world, "POST", "/accounts/{id}/history", self.history),
        ]

    def accounts(self, _request: Request, _body: Body) -> Any:
        """All accounts."""
        return {"items": [account_state(self._world, account) for account in self._world.accounts]}

    def account(self, request: Request, _body: Body) -> Any:
        """One account."""
        return account_state(self._world, self._world.accounts.get(request.path_params["id"]))

    def create(self, _request: Request, body: Body) -> Any:
        """Connect an account; webhooks carry CREATION_SUCCESS, OK and SYNC_SUCCESS."""
        connections, age = number(body, "connections"), number(body, "age_days")
        try:
            account = self._world.accounts.add(
                now=self._world.clock.now(),
                account_id=body.get("id"),
                name=body.get("name"),
                tier=body.get("tier", "premium"),
                connections=_MANY_CONNECTIONS if connections is None else int(connections),
                age=ESTABLISHED if age is None else age * DAY,
                same_member_as=body.get("same_member_as", ""),
                owner_told=body.get("owner_told", True),
            )
        except (ValueError, TypeError) as error:
            raise invalid(str(error)) from error
        self._grant(account, body)
        for message in ("CREATION_SUCCESS", "OK", "SYNC_SUCCESS"):
            self._world.behaviour.status_changed(account.id, message)
        return account_state(self._world, account)

    def set_status(self, request: Request, body: Body) -> Any:
        """Move an account to another health; webhooks carry it.

        With RECONNECTED, `member` is who has signed in, if that is somebody else.
        """
        account = self._world.accounts.get(request.path_params["id"])
        status = body.get("status")
        now = self._world.clock.now()
        if status == "RECONNECTED":
            name = body.get("member")
            member = None if name is None else self._world.people.must(public_identifier(str(name)))
            self._world.accounts.reconnect(account, now, member=member)
        elif status in {*STATUSES, RESTRICTED}:
            self._world.accounts.set_status(account, str(status), now)
        else:
            raise invalid(f"/status: Expected one of {', '.join(STATUSES)}, {RESTRICTED}")
        return account_state(self._world, account)

    def tell_owner(self, request: Request, body: Body) -> Any:
        """Have Unipile tell who the owner is, or not yet."""
        account = self._world.accounts.get(request.path_params["id"])
        self._world.accounts.tell_owner(account, told=body.get("told", True) is not False)
        return account_state(self._world, account)

    def set_credits(self, request: Request, body: Body) -> Any:
        """Set the InMail credits of subscriptions."""
        account = self._world.accounts.get(request.path_params["id"])
        self._grant(account, {"inmail_credits": body})
        return account_state(self._world, account)

    def _grant(self, account: Account, body: Body) -> None:
        try:
            account.grant(
                {name: int(left) for name, left in body.get("inmail_credits", {}).items()}
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise invalid(f"/inmail_credits: {error}") from error
        self._world.accounts.save(account)

    def history(self, request: Request, body: Body) -> Any:
        """Old messages of connections arrive now, as if history were synchronised."""
        account = self._world.accounts.get(request.path_params["id"])
        days_ago, count = number(body, "days_ago"), number(body, "messages")
        arrived = self._world.behaviour.synchronise_history(
            account,
            messages=min(_MANY_MESSAGES, 1 if count is None else int(count)),
            age=(2 * 365 if days_ago is None else days_ago) * DAY,
            publish=body.get("webhook") is not False,
        )
        return {"arrived": arrived}
