"""What an action asks for."""

from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from outreach.linkedin.v1 import action_pb2 as pb
from outreach.linkedin.v1 import action_service_pb2 as service_pb
from outreach_client.formats.requested_action import Wanted, action_field

WEEK = timedelta(weeks=1)


ASKED: list[tuple[int, Wanted, dict[str, Any]]] = [
    (pb.ACTION_KIND_VISIT, Wanted(), {"visitProfile": {}}),
    (
        pb.ACTION_KIND_REACTION,
        Wanted(reaction="love", recent_within=WEEK),
        {"reactToPost": {"reaction": "love", "recentWithin": "604800s"}},
    ),
    (
        pb.ACTION_KIND_COMMENT,
        Wanted(text="Nice", post_id="p1"),
        {"commentOnPost": {"text": "Nice", "postId": "p1"}},
    ),
    (pb.ACTION_KIND_INVITATION, Wanted(text="Hi"), {"sendInvitation": {"note": "Hi"}}),
    (
        pb.ACTION_KIND_MESSAGE,
        Wanted(text="Hi", only_if_no_reply=True),
        {"sendMessage": {"text": "Hi", "onlyIfNoReply": True}},
    ),
    (
        pb.ACTION_KIND_INMAIL,
        Wanted(text="Hi", subject="You"),
        {"sendInmail": {"text": "Hi", "subject": "You"}},
    ),
    (pb.ACTION_KIND_WITHDRAWAL, Wanted(), {"withdrawInvitation": {}}),
]


@pytest.mark.parametrize(("kind", "wanted", "asked"), ASKED)
def test_each_kind(kind: int, wanted: Wanted, asked: dict[str, Any]) -> None:
    """Each kind of action becomes its own field of the request."""
    request = service_pb.PerformActionRequest(**action_field(kind, wanted))

    assert MessageToDict(request) == asked


def test_every_action_of_the_contract_can_be_asked_for() -> None:
    """An action added to the contract fails here until it can be typed."""
    oneof = service_pb.PerformActionRequest.DESCRIPTOR.oneofs_by_name["action"]
    kinds = [kind for kind in pb.ActionKind.values() if kind and kind != pb.ACTION_KIND_LOOKUP]

    assert [kind for kind, *_ in ASKED] == kinds

    fields = {next(iter(action_field(kind, Wanted()))) for kind in kinds}

    assert fields == {field.name for field in oneof.fields}


def test_what_a_kind_does_not_take_is_refused() -> None:
    """A text for a visit is a mistake to hear about, not to swallow."""
    with pytest.raises(ValueError, match="visit takes no text"):
        action_field(pb.ACTION_KIND_VISIT, Wanted(text="Hi"))
