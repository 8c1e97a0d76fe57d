"""What a person did after their lead had ended, on its way through Temporal."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from campaigns.workflow.contracts import InvitationAccepted, ReplyReceived
from campaigns.workflow.late_answer_contracts import LateAcceptance, LateAnswer, LateReply
from servicekit.temporal import converter

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONVERTER = converter.CONVERTER.payload_converter
ACCEPTED = LateAcceptance(
    campaign_id="camp_1",
    lead_id="lead_1",
    accepted=InvitationAccepted(event_id="in_1", at=AT),
)
REPLIED = LateReply(
    campaign_id="camp_1",
    lead_id="lead_1",
    reply=ReplyReceived(event_id="in_2", at=AT, text="Hello!"),
)
BOTH: list[LateAnswer] = [ACCEPTED, REPLIED]


def carried(value: Any) -> Any:
    (there,) = CONVERTER.from_payloads(CONVERTER.to_payloads([value]), [LateAnswer])
    return there


def test_every_kind_is_carried() -> None:
    """Whatever can be a late answer is tried here."""
    assert {type(answer) for answer in BOTH} == set(get_args(LateAnswer))


@pytest.mark.parametrize("answer", BOTH)
def test_an_answer_arrives_as_itself(answer: LateAnswer) -> None:
    """An acceptance is not taken for a reply, nor a reply for an acceptance."""
    assert carried(answer) == answer


def test_what_earlier_releases_wrote() -> None:
    """Histories name both, one of them as nothing: they are understood."""
    ids = {"campaign_id": "camp_1", "lead_id": "lead_1"}
    accepted = {"event_id": "in_1", "at": AT.isoformat()}
    reply = {"event_id": "in_2", "at": AT.isoformat(), "text": "Hello!"}

    assert carried({**ids, "accepted": accepted, "reply": None}) == ACCEPTED
    assert carried({**ids, "accepted": None, "reply": reply}) == REPLIED


def test_another_kind_is_refused() -> None:
    """What this release does not know is no answer that it knows."""
    later = {"campaign_id": "camp_1", "lead_id": "lead_1", "wrote": {"event_id": "in_3"}}

    with pytest.raises(TypeError):
        carried(later)
