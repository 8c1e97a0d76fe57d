"""The services of a client, each made when it is asked for; `typed.pyi` says what they have."""

from abc import abstractmethod
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import grpc

from outreach_client.credentials import Tokens
from outreach_client.services.calls import call
from outreach_client.services.members import MEMBERS, OF_EACH, Member, Server, method_name


class Services:
    """The members of `OutreachClient`."""

    tokens_of_key: Tokens | None = None
    """Those that an API key is exchanged for; None where there is no key, or a token is given."""

    @abstractmethod
    def channel_to(self, server: Server) -> grpc.aio.Channel:
        """The channel that calls of a server go by."""

    def __getattr__(self, name: str) -> Any:
        """A service, whose contract is imported with its first use.

        Raises `AttributeError` where there is none, `RuntimeError` unless the client is entered.
        """
        _require_member(self, name)
        made = self._made(MEMBERS[name])
        setattr(self, name, made)
        return made

    @property
    def audits(self) -> Mapping[Server, Any]:
        """By the server that keeps the records."""
        return self._made_of_each("audits")

    @property
    def installations(self) -> Mapping[Server, Any]:
        """By the server that tells of itself."""
        return self._made_of_each("installations")

    def _made_of_each(self, name: str) -> Mapping[Server, Any]:
        return {server: self._made(member) for server, member in OF_EACH[name].items()}

    def _made(self, member: Member) -> Any:
        channel = self.channel_to(member.server)
        methods = member.descriptor.methods
        made = {method_name(each): call(channel, each, self.tokens_of_key) for each in methods}
        return SimpleNamespace(**made)


class BlockingServices:
    """The members of `Outreach`: the same, for code that waits."""

    @abstractmethod
    def _member(self, name: str) -> Any: ...

    def __getattr__(self, name: str) -> Any:
        _require_member(self, name)
        made = self._member(name)
        setattr(self, name, made)
        return made


def _require_member(client: object, name: str) -> None:
    """Raise `AttributeError` where no service is called that; what is private never is one."""
    if name in MEMBERS:
        return
    kind = type(client).__name__
    told = (
        f"{kind!r} object has no attribute {name!r}"
        if name.startswith("_")
        else f"There is no service {name!r}."
    )
    raise AttributeError(told, name=name, obj=client)
