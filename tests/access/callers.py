"""Every kind of caller: what they show, which methods that opens, and whose things they see."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

import grpc
from devstack.stack.keys import Keys, every_permission
from devstack.stack.services import SERVICES
from google.protobuf.descriptor import MethodDescriptor
from identity.roles import PERMISSIONS_BY_ROLE, Role

from tests.access.expectations import for_limited, for_members, given, named, permissions

STRANGER = "org_stranger"
ALL = sorted(every_permission())
Opens = Callable[[MethodDescriptor], bool]


class Sees(Enum):
    """Whose things exist for a caller."""

    NOTHING = auto()
    OWN = auto()
    """Those of the organization whose ids are asked for."""
    OWN_ACCOUNTS = auto()
    """Of these those of the accounts that all of them are of."""
    OTHER_ACCOUNTS = auto()
    """Of these those of another account."""
    ANOTHERS = auto()
    """Those of another organization."""
    EVERYTHING = auto()


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A kind of caller."""

    name: str
    token: Callable[[MethodDescriptor], str]
    opens: Opens
    sees: Sees
    refused: grpc.StatusCode = grpc.StatusCode.PERMISSION_DENIED
    """What they are told of what is not open to them."""
    staff: bool = False
    """Whether they may name any organization, also where they see none of its things."""


def callers(
    keys: Keys, others: Path, *, server: str, organization_id: str, account_ids: Iterable[str]
) -> list[Caller]:
    """All of them, at a server that is asked for what an organization has."""
    return [
        *_nobodies(keys, others),
        *_refused(keys, organization_id),
        *_members(keys, organization_id, [*account_ids]),
        *_with_roles(keys, organization_id),
        *(
            Caller(
                name=service,
                token=_always(keys.service(service, audience=server)()),
                opens=lambda method, service=service: service in named(method),  # type: ignore[misc]
                sees=Sees.EVERYTHING,
            )
            for service in SERVICES
        ),
    ]


def _nobodies(keys: Keys, others: Path) -> list[Caller]:
    """Who is not known, by what they show."""
    shown: dict[str, str] = {
        "no token": "",
        "not signed": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
        "brackets": base64.urlsafe_b64encode(b"[" * 3_000).decode() + ".e30.x",
        "another's key": Keys(others / "others").operator(),
        "expired": keys.token(operator=True, permissions=ALL, iat=1, exp=600),
        "endless": keys.token(operator=True, permissions=ALL, exp=4_000_000_000),
        "foreign issuer": keys.token(operator=True, permissions=ALL, iss="somebody"),
        "wrong audience": keys.token(operator=True, permissions=ALL, aud="something"),
        "nobody's name": keys.token(operator=True, permissions=ALL, sub=""),
        **{
            f"{name}'s token for another service": keys.service(name, audience="somewhere-else")()
            for name in SERVICES
        },
    }
    return [
        Caller(
            name=name,
            token=_always(token),
            opens=_nothing,
            sees=Sees.NOTHING,
            refused=grpc.StatusCode.UNAUTHENTICATED,
        )
        for name, token in shown.items()
    ]


def _refused(keys: Keys, own: str) -> list[Caller]:
    """Who is known, and may do nothing with a method."""
    tokens = {
        "carries nothing": _always(keys.token(org=own, permissions=[])),
        "carries a star": _always(keys.token(org=own, permissions=["*"])),
        "carries all but that": _all_but(keys, org=own),
        "of no organization": _just(keys),
        "our staff without that": _all_but(keys, operator=True),
    }
    return [
        Caller(name=name, token=token, opens=_nothing, sees=Sees.NOTHING)
        for name, token in tokens.items()
    ]


def _members(keys: Keys, own: str, account_ids: list[str]) -> list[Caller]:
    """Who carries just what a method needs, or everything."""
    everything = _always(keys.token(org=own, permissions=ALL))
    limited = _always(keys.token(org=own, permissions=ALL, accounts=["acct_another"]))
    to_these = _always(keys.token(org=own, permissions=ALL, accounts=account_ids))
    rows: list[tuple[str, Callable[[MethodDescriptor], str], Opens, Sees]] = [
        ("owner", everything, for_members, Sees.OWN),
        ("carries just that", _just(keys, org=own), for_members, Sees.OWN),
        ("limited", limited, for_limited, Sees.OTHER_ACCOUNTS),
        ("limited to nothing", _just(keys, org=own, accounts=[]), for_limited, Sees.OTHER_ACCOUNTS),
        ("limited to these", to_these, for_limited, Sees.OWN_ACCOUNTS),
        (
            "stranger",
            _always(keys.token(org=STRANGER, permissions=ALL)),
            for_members,
            Sees.ANOTHERS,
        ),
        ("our staff", _just(keys, operator=True), for_members, Sees.EVERYTHING),
    ]
    return [Caller(name=n, token=t, opens=o, sees=s) for n, t, o, s in rows]


def _with_roles(keys: Keys, own: str) -> list[Caller]:
    """What a role's token carries is what the issuer's code gives it."""
    rows = []
    for role in Role:
        carried = sorted(PERMISSIONS_BY_ROLE[role])
        staff = role is Role.OPERATOR
        whose: dict[str, Any] = {"operator": True} if staff else {"org": own}
        full = keys.token(permissions=carried, **whose)
        part = keys.token(permissions=carried, accounts=["acct_another"], **whose)

        def opens(method: MethodDescriptor, role: Role = role) -> bool:
            return given(role, method)

        def opens_part(method: MethodDescriptor, role: Role = role) -> bool:
            return given(role, method) and for_limited(method)

        sees = Sees.EVERYTHING if staff else Sees.OWN
        rows += [
            Caller(name=role, token=_always(full), opens=opens, sees=sees),
            Caller(
                name=f"{role}, limited",
                token=_always(part),
                opens=opens_part,
                sees=Sees.OTHER_ACCOUNTS,
                staff=staff,
            ),
        ]
        if not staff:
            theirs = keys.token(permissions=carried, org=STRANGER)
            rows.append(
                Caller(
                    name=f"{role} of another organization",
                    token=_always(theirs),
                    opens=opens,
                    sees=Sees.ANOTHERS,
                )
            )
    return rows


def _nothing(_: MethodDescriptor) -> bool:
    return False


def _always(token: str) -> Callable[[MethodDescriptor], str]:
    return lambda _: token


def _just(keys: Keys, **claims: Any) -> Callable[[MethodDescriptor], str]:
    return lambda method: keys.token(permissions=permissions(method), **claims)


def _all_but(keys: Keys, **claims: Any) -> Callable[[MethodDescriptor], str]:
    return lambda method: keys.token(
        permissions=[each for each in ALL if each != permissions(method)[-1]], **claims
    )
