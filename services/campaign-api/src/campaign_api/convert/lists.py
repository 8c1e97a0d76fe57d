"""Requests to list, as every list takes them."""

from enum import StrEnum

from servicekit.lists.listing import Asked, FollowRequest, ListRequest, asked_of, followed_of


def asked_from_proto(request: ListRequest, **narrowed: StrEnum | None) -> Asked:
    """What is asked for; fields that narrow the list by themselves are named beside it."""
    return asked_of(request, **_names(narrowed))


def followed_from_proto(request: FollowRequest, **narrowed: StrEnum | None) -> Asked:
    """The same, or what has changed of the list; raises what `followed_of` does."""
    return followed_of(request, **_names(narrowed))


def _names(narrowed: dict[str, StrEnum | None]) -> dict[str, str]:
    return {name: member.name for name, member in narrowed.items() if member is not None}
