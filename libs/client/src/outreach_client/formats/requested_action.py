"""What an action asks for, put together from what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from outreach.linkedin.v1 import action_pb2 as pb

from outreach_client.formats.durations import to_duration
from outreach_client.formats.enums import enum_text


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The details that some kind of action takes; each kind takes some of them."""

    text: str = ""
    subject: str = ""
    reaction: str = ""
    post_id: str = ""
    recent_within: timedelta | None = None
    only_if_no_reply: bool = False


def action_field(kind: int, wanted: Wanted) -> dict[str, Any]:
    """The one field of PerformActionRequest that asks for this kind of action.

    Raises `ValueError` if the kind cannot be asked for, or takes less than was given.
    """
    name = enum_text(pb.ActionKind.DESCRIPTOR, kind)
    if name not in _MADE_OF:
        raise ValueError(f"{name} cannot be asked for; it is one of {', '.join(_MADE_OF)}")
    field, takes, make = _MADE_OF[name]
    extra = [given for given in vars(wanted) if getattr(wanted, given) and given not in takes]
    if extra:
        raise ValueError(f"{name} takes no {' and no '.join(extra)}".replace("_", " "))
    return {field: make(wanted)}


_Made = tuple[str, tuple[str, ...], Callable[[Wanted], Any]]

_MADE_OF: Mapping[str, _Made] = {
    "visit": ("visit_profile", (), lambda _: pb.VisitProfile()),
    "reaction": (
        "react_to_post",
        ("reaction", "recent_within"),
        lambda wanted: pb.ReactToPost(
            reaction=wanted.reaction, recent_within=to_duration(wanted.recent_within)
        ),
    ),
    "comment": (
        "comment_on_post",
        ("text", "post_id", "recent_within"),
        lambda wanted: pb.CommentOnPost(
            text=wanted.text,
            post_id=wanted.post_id,
            recent_within=to_duration(wanted.recent_within),
        ),
    ),
    "invitation": (
        "send_invitation",
        ("text",),
        lambda wanted: pb.SendInvitation(note=wanted.text),
    ),
    "message": (
        "send_message",
        ("text", "only_if_no_reply"),
        lambda wanted: pb.SendMessage(text=wanted.text, only_if_no_reply=wanted.only_if_no_reply),
    ),
    "inmail": (
        "send_inmail",
        ("text", "subject"),
        lambda wanted: pb.SendInMail(text=wanted.text, subject=wanted.subject),
    ),
    "withdrawal": ("withdraw_invitation", (), lambda _: pb.WithdrawInvitation()),
}
