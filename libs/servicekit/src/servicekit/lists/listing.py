"""A list as a caller asks for it: a filter, an order, a page; and the token of the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal, Protocol

from servicekit.errors import BadInput, FieldViolation
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.expressions import And, Operator, Restriction
from servicekit.lists.pages import Cursor, PageRequest, cursor_of, cursor_parts
from servicekit.lists.schemas import ListSchema
from servicekit.page_tokens import PageTokenForeign, PageTokens

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


_TWICE = "A token says already from where on: leave this out."
_FOLLOWED = "What has changed is told in the order of the changes, and whole: leave this out."


@dataclass(frozen=True, kw_only=True)
class ChangesAsked:
    """From where on changes are asked for: behind an earlier reading, else since a moment."""

    since: datetime | None = None
    sync_token: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request to list says, each as it came."""

    filter: str = ""
    order_by: str = ""
    page_size: int = 0
    page_token: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)
    """Fields of the request that narrow the list by themselves, with their values."""
    changes: ChangesAsked | None = None
    """From where what has changed is asked for, in place of the list."""


class ListRequest(Protocol):
    """The fields that all requests to list have, by the same names."""

    filter: str
    order_by: str
    page_size: int
    page_token: str


class Moment(Protocol):
    """An instant on the wire."""

    def ToDatetime(self, tzinfo: tzinfo, /) -> datetime: ...  # noqa: N802 - theirs


class FollowRequest(ListRequest, Protocol):
    """The fields of a request to list that can follow what changes."""

    sync_token: str

    @property
    def updated_since(self) -> Moment: ...

    def HasField(self, field_name: Literal["updated_since"], /) -> bool: ...  # noqa: N802 - theirs


def asked_of(request: ListRequest, **equal: str) -> Asked:
    """What a request says, with its fields that narrow the list by themselves; "" for any."""
    return Asked(
        filter=request.filter,
        order_by=request.order_by,
        page_size=request.page_size,
        page_token=request.page_token,
        equal={name: value for name, value in equal.items() if value},
    )


def followed_of(request: FollowRequest, **equal: str) -> Asked:
    """What a request says, be it the list or what has changed of it.

    Raises `BadInput` if changes are to be filtered, ordered or paged too, or of two places.
    """
    asked = asked_of(request, **equal)
    return replace(asked, changes=changes_of(request, asked))


def changes_of(request: FollowRequest, asked: Asked) -> ChangesAsked | None:
    """From where changes are asked for; None where the list is.

    Raises `BadInput` as `followed_of` does.
    """
    has_moment = request.HasField("updated_since")
    if not has_moment and not request.sync_token:
        return None
    told = {
        "filter": asked.filter,
        "order_by": asked.order_by,
        "page_token": asked.page_token,
        **asked.equal,
    }
    wrong = [_left_out(field, _FOLLOWED) for field, value in told.items() if value]
    if has_moment and request.sync_token:
        wrong.append(_left_out("updated_since", _TWICE))
    if wrong:
        raise BadInput(wrong)
    since = request.updated_since.ToDatetime(UTC) if has_moment else None
    return ChangesAsked(since=since, sync_token=request.sync_token)


def _left_out(field: str, why: str) -> FieldViolation:
    return FieldViolation(field, why, "FIELD_INVALID")


def page_limit(page_size: int) -> int:
    """How many items a page has: the default for 0, never more than the maximum."""
    return min(page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


class Listing:
    """One list: what was asked of it is read, and tokens are given out that only it knows."""

    def __init__(self, schema: ListSchema, tokens: PageTokens) -> None:
        self._schema = schema
        self._tokens = tokens

    async def read(self, asked: Asked, *, within: Sequence[str]) -> PageRequest:
        """The page that is asked for; `within` names whose list it is.

        Raises `FilterInvalid`, `FilterNotSupported`, `OrderNotSupported`, `PageTokenInvalid`, and
        `BadInput` for a negative page size.
        """
        ordering = self._schema.ordering(asked.order_by)
        request = PageRequest(
            expression=And((*_equalities(asked.equal), self._schema.filter(asked.filter))),
            ordering=ordering,
            limit=page_limit(asked.page_size),
        )
        if not asked.page_token:
            return request
        try:
            parts = await self._tokens.read(asked.page_token, of=self._of(asked, within))
        except PageTokenForeign:
            raise PageTokenInvalid from None
        return replace(request, after=cursor_of(ordering, parts))

    async def next_token(
        self, asked: Asked, cursor: Cursor | None, *, within: Sequence[str]
    ) -> str:
        """The token of the page that begins behind a row; empty where there is none."""
        if cursor is None:
            return ""
        return await self._tokens.give(cursor_parts(cursor), of=self._of(asked, within))

    def _of(self, asked: Asked, within: Sequence[str]) -> Sequence[str]:
        ordering = self._schema.ordering(asked.order_by)
        equal = (f"{each.field}={each.value}" for each in _equalities(asked.equal))
        return (self._schema.name, *within, *equal, asked.filter.strip(), str(ordering))


def _equalities(equal: Mapping[str, str]) -> Sequence[Restriction]:
    return [Restriction(name, Operator.EQUALS, equal[name], True, 0) for name in sorted(equal)]
