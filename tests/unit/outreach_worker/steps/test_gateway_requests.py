"""From every kind of step to its request."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from campaigns.builder.document import read_document
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    ConnectionState,
    Lead,
    LeadState,
    Person,
    SendingWindow,
)
from campaigns.sequences.diagnostics import Diagnostics
from campaigns.sequences.kinds.registry import CONTACTS
from campaigns.sequences.sequence import Step, StepKind
from campaigns.texts.lengths import length
from hypothesis import given, settings
from hypothesis import strategies as st
from outreach.linkedin.v1 import action_service_pb2
from outreach_worker.steps.contracts import PerformStep
from outreach_worker.steps.gateway_requests import StepText, list_posts, perform_action, person
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import ContractRules

from tests.laws import worlds

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_north",
    name="Spring",
    state=CampaignState.RUNNING,
    account_ids=("acct_1",),
    settings=CampaignSettings(),
    revision_id="seq_1",
    created_at=NOON,
)
LEAD = Lead(
    id="lead_1",
    campaign_id="camp_1",
    person=Person(public_identifier="ada-example"),
    state=LeadState.RUNNING,
    connection=ConnectionState.NONE,
    account_id="acct_1",
    created_at=NOON,
)
SAYING = StepText(text="Hello Ada", post_id="post_7")


def step(kind: StepKind, **more: object) -> Step:
    return Step(step_id="s", index=0, kind=kind, **more)  # type: ignore[arg-type]


FIELD_OF = {
    StepKind.PROFILE_VISIT: "visit_profile",
    StepKind.LIKE_POST: "react_to_post",
    StepKind.COMMENT_POST: "comment_on_post",
    StepKind.SEND_CONNECTION_REQUEST: "send_invitation",
    StepKind.SEND_FOLLOWUP: "send_message",
    StepKind.SEND_INMAIL: "send_inmail",
    StepKind.WITHDRAW_REQUEST: "withdraw_invitation",
}


def test_every_action_has_its_field() -> None:
    """A kind that the gateway has a part in is among those asked for below."""
    assert {*FIELD_OF} == {*CONTACTS}


@pytest.mark.parametrize(("kind", "action"), FIELD_OF.items())
def test_every_kind_asks_for_its_action(kind: StepKind, action: str) -> None:
    """Lesson 1: whatever the step, its action is named and is aimed at the lead itself."""
    request = perform_action("r", campaign=CAMPAIGN, lead=LEAD, step=step(kind), text=StepText())

    assert request.WhichOneof("action") == action
    assert request.person.public_identifier == "ada-example"
    assert (request.organization_id, request.account_id) == ("org_north", "acct_1")
    assert (request.campaign_id, request.lead_id) == ("camp_1", "lead_1")


def test_the_person_goes_with_what_suppressions_know_them_by() -> None:
    """E-mail and company of the lead reach the gateway; what cannot be one does not."""
    known = replace(LEAD.person, email="ada@example.com", company="Example Works")
    absurd = replace(LEAD.person, email="x" * 400, company="y" * 600)

    told = [person(replace(LEAD, person=each)) for each in (known, absurd)]

    assert [(each.email, each.company) for each in told] == [
        ("ada@example.com", "Example Works"),
        ("", ""),
    ]


def test_a_webhook_is_no_action() -> None:
    """The gateway is never asked for what the dispatcher does."""
    with pytest.raises(ValueError, match="webhook"):
        perform_action(
            "r", campaign=CAMPAIGN, lead=LEAD, step=step(StepKind.WEBHOOK), text=StepText()
        )


def test_a_comment_is_about_its_post() -> None:
    """The text, the post that it was written about, and how old a post may be."""
    commenting = step(StepKind.COMMENT_POST, recent_within=timedelta(days=3))

    request = perform_action("r", campaign=CAMPAIGN, lead=LEAD, step=commenting, text=SAYING)

    comment = request.comment_on_post
    assert (comment.text, comment.post_id) == ("Hello Ada", "post_7")
    assert comment.recent_within.ToTimedelta() == timedelta(days=3)


def test_texts_go_where_they_belong() -> None:
    """Note, message and InMail carry the text; a smart follow-up asks for silence."""
    made = [
        perform_action("r", campaign=CAMPAIGN, lead=LEAD, step=each, text=SAYING)
        for each in (
            step(StepKind.SEND_CONNECTION_REQUEST),
            step(StepKind.SEND_FOLLOWUP, only_if_no_reply=True),
            step(StepKind.SEND_INMAIL),
        )
    ]

    assert made[0].send_invitation.note == "Hello Ada"
    assert (made[1].send_message.text, made[1].send_message.only_if_no_reply) == ("Hello Ada", True)
    assert made[2].send_inmail.text == "Hello Ada"


def test_the_campaigns_settings_travel_along() -> None:
    """Its sending window and whether it goes on after a reply bind every action."""
    window = SendingWindow(
        time_zone="Europe/Lisbon", weekdays=(1, 7), opens=time(22), closes=time(2, 30)
    )
    campaign = replace(
        CAMPAIGN, settings=CampaignSettings(sending_window=window, continue_after_reply=True)
    )

    request = perform_action(
        "r", campaign=campaign, lead=LEAD, step=step(StepKind.PROFILE_VISIT), text=StepText()
    )

    sent = request.sending_window
    assert (sent.time_zone, list(sent.weekdays)) == ("Europe/Lisbon", [1, 7])
    assert (sent.opens, sent.closes) == ("22:00", "02:30")
    assert request.continue_after_reply


@pytest.mark.parametrize("leave", [True, False])
def test_what_people_have_sent_is_accepted_or_left(*, leave: bool) -> None:
    """As the campaign says."""
    campaign = replace(
        CAMPAIGN, settings=replace(CAMPAIGN.settings, leave_received_invitations=leave)
    )
    inviting = step(StepKind.SEND_CONNECTION_REQUEST)

    request = perform_action("r", campaign=campaign, lead=LEAD, step=inviting, text=StepText())

    assert request.send_invitation.leave_received == leave


def test_no_window_is_no_window() -> None:
    """A campaign without a window is bound by the account's hours alone."""
    request = perform_action(
        "r", campaign=CAMPAIGN, lead=LEAD, step=step(StepKind.PROFILE_VISIT), text=StepText()
    )

    assert not request.HasField("sending_window")


def test_posts_are_listed_for_the_lead() -> None:
    """The look at a person's posts goes through the lead's own account."""
    request = list_posts(CAMPAIGN, LEAD, step(StepKind.COMMENT_POST))

    assert (request.account_id, request.person.public_identifier) == ("acct_1", "ada-example")


def test_a_request_id_is_made_from_ids() -> None:
    """One name per step, and one per post where a step has several."""
    once = PerformStep(
        campaign_id="camp_1",
        lead_id="lead_1",
        revision_id="seq_1",
        step_id="like",
        kind=StepKind.LIKE_POST,
    )

    assert once.action_id == "camp_1/lead_1/like/like_post"
    assert replace(once, n=2, posts=3).action_id == "camp_1/lead_1/like/like_post/2"


@pytest.mark.parametrize(
    "step_id", ["ж" * 200, "a" * 150, "Schritt 0 für alle", "🚀" * 80, "步" * 120]
)
def test_the_gateway_takes_every_action_id(step_id: str) -> None:
    """However long what was drawn is; each step, post and repetition has a name of its own."""
    asked = PerformStep(
        campaign_id="camp_" + 26 * "0",
        lead_id="lead_" + 26 * "0",
        revision_id="seq_1",
        step_id=step_id,
        kind=StepKind.SEND_CONNECTION_REQUEST,
        posts=3,
    )
    other = replace(asked, step_id=f"{step_id[:-1]}!")

    names = [
        replace(each, n=n, again=again).action_id
        for each in (asked, other)
        for n in (1, 2, 3)
        for again in (0, 1, 99)
    ]

    assert len(set(names)) == len(names)
    assert max(map(length, names)) <= 200
    for name in names:
        checked(action_service_pb2.CancelActionRequest(action_id=name), ContractRules())


def test_an_action_that_was_asked_for_keeps_its_name() -> None:
    """Also of a step that was drawn when an id could be like a hash: by another name, which it had
    in a worker that was replaced, the gateway would perform it once more.
    """
    step_id = _hash("a" * 150)
    asked = PerformStep(
        campaign_id="camp_1",
        lead_id="lead_1",
        revision_id="seq_1",
        step_id=step_id,
        kind=StepKind.SEND_CONNECTION_REQUEST,
    )
    kind = asked.kind

    assert asked.action_id == f"camp_1/lead_1/{step_id}/{kind}"
    assert replace(asked, step_id="步" * 150).action_id == (
        f"camp_1/lead_1/{_hash('步' * 150)}/{kind}"
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_drawn(step_id: str) -> bool:
    """Whether a drawing with such a node is compiled."""
    diagnostics = Diagnostics()
    read_document(json.dumps({"nodes": [{"id": step_id}]}), diagnostics)
    return not diagnostics.violations


LETTERS = st.characters(exclude_categories=["Cs"])
PARTS = st.sampled_from([*StepKind, "again-1", "again-2", "1", "2", "", "x"])
STEP_IDS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=5),
    st.lists(PARTS, min_size=1, max_size=6).map("/".join),
    st.integers(100, 200).map(lambda letters: letters * "a"),
    st.text(LETTERS, min_size=60, max_size=200),
    # What a customer gives a step to have it taken for another.
    st.integers(100, 200).map(lambda letters: _hash(letters * "a")),
)
"""Short, long, those that look like the rest of a name, and hashes."""
ASKED = st.builds(
    PerformStep,
    campaign_id=st.just("camp_" + 26 * "0"),
    lead_id=st.just("lead_" + 26 * "0"),
    revision_id=st.just("seq_1"),
    step_id=STEP_IDS.filter(is_drawn),
    kind=st.sampled_from(StepKind),
    n=st.integers(1, 3),
    posts=st.sampled_from([1, 3]),
    again=st.integers(0, 3),
)


@settings(max_examples=worlds(100))
@given(st.lists(ASKED, min_size=2, max_size=8))
def test_no_two_actions_have_one_name(asked: list[PerformStep]) -> None:
    """The gateway would answer for the second with what came of the first, and send nothing."""
    hashes = (replace(each, step_id=_hash(each.step_id)) for each in asked)
    hashed = [each for each in hashes if is_drawn(each.step_id)]
    meant_by_name: dict[str, set[object]] = {}
    for each in [*asked, *hashed]:
        n = each.n if each.posts > 1 else 0
        meant = (each.step_id, each.kind, each.again, n)
        meant_by_name.setdefault(each.action_id, set()).add(meant)

    assert all(len(meant) == 1 for meant in meant_by_name.values())


def test_what_is_too_long_for_the_gateway_is_left_out() -> None:
    """A company in costume has twice the units that it has characters, and no request fails."""
    longest = "\N{MATHEMATICAL SANS-SERIF BOLD CAPITAL A}" * 250

    fits = person(replace(LEAD, person=replace(LEAD.person, company=longest)))
    too_long = person(replace(LEAD, person=replace(LEAD.person, company=f"{longest}!")))

    assert fits.company == longest
    assert too_long.company == ""


def test_the_day_of_the_person_goes_along() -> None:
    """The gateway learns whose day it is, unless the campaign's window never meets it."""
    lead = replace(LEAD, person=replace(LEAD.person, time_zone="America/Los_Angeles"))
    windowed = replace(
        CAMPAIGN, settings=CampaignSettings(sending_window=SendingWindow(time_zone="Asia/Tokyo"))
    )
    visit = step(StepKind.PROFILE_VISIT)

    asked = [
        perform_action("a", campaign=campaign, lead=each, step=visit, text=SAYING).person_time_zone
        for campaign, each in ((CAMPAIGN, LEAD), (CAMPAIGN, lead), (windowed, lead))
    ]

    assert asked == ["", "America/Los_Angeles", "America/Los_Angeles"]


def test_a_step_like_a_hash_shares_its_name_with_what_it_is_the_hash_of_alone() -> None:
    """One that was stored when it could be drawn: with no other of its drawing, however alike."""
    longest = "a" * 200
    own, others = _hash(longest), ["a" * 199, "a" * 201, f"{longest} ", _hash(_hash(longest))]

    def name(step_id: str) -> str:
        asked = PerformStep(
            campaign_id="camp_1",
            lead_id="lead_1",
            revision_id="seq_1",
            step_id=step_id,
            kind=StepKind.PROFILE_VISIT,
        )
        return asked.action_id

    assert name(own) == name(longest)
    assert len({name(each) for each in (own, *others)}) == 1 + len(others)
