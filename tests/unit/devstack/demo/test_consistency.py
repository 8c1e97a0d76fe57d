"""Whether status, journal and webhooks tell the same story."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from devstack.demo.consistency import Check, LeadWithSteps, consistency_checks, expected_events
from devstack.demo.journal import Write
from devstack.stack.receiver import Received
from outreach.campaign.v1 import campaign_pb2, lead_pb2, sequence_pb2

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def one_lead() -> tuple[campaign_pb2.CampaignStatus, list[LeadWithSteps], list[Write]]:
    """A campaign of one lead, who was visited and written to."""
    steps = [
        campaign_pb2.StepCounts(
            step_id="a", index=0, kind=sequence_pb2.STEP_KIND_PROFILE_VISIT, done=1
        ),
        campaign_pb2.StepCounts(
            step_id="b", index=1, kind=sequence_pb2.STEP_KIND_SEND_FOLLOWUP, done=1
        ),
    ]
    status = campaign_pb2.CampaignStatus(
        state=campaign_pb2.CAMPAIGN_STATE_COMPLETED,
        leads=1,
        completed=1,
        funnel=campaign_pb2.Funnel(visited=1, messaged=1),
        steps=steps,
    )
    lead = LeadWithSteps(
        lead=lead_pb2.Lead(public_identifier="ada-example"),
        steps=[
            lead_pb2.StepExecution(
                step_id=step.step_id, kind=step.kind, state=lead_pb2.STEP_STATE_DONE
            )
            for step in steps
        ],
    )
    made = [written("visit", seq=1), written("message", seq=2, text="Hello")]
    return status, [lead], made


def written(kind: str, *, seq: int, target: str = "ada-example", text: str = "") -> Write:
    """One call in the journal."""
    at = NOON + timedelta(minutes=seq)
    return Write(seq=seq, at=at, kind=kind, account_id="acc", target=target, text=text)


def events_of(status: campaign_pb2.CampaignStatus) -> list[Received]:
    """The webhooks that such a status causes."""
    return [
        Received(name="events", verified=True, webhook_id=f"{name}-{number}", event={"type": name})
        for name, count in expected_events(status).items()
        for number in range(count)
    ]


def broken(checks: Sequence[Check]) -> list[str]:
    """The claims that do not hold."""
    return [check.claim for check in checks if not check.holds]


def test_three_accounts_that_agree_have_no_finding() -> None:
    """A clean campaign is told to be clean."""
    status, leads, made = one_lead()

    checks = consistency_checks(
        status=status, leads=leads, made=made, uses=[], events=events_of(status), unverified=0
    )

    assert broken(checks) == []


def test_a_double_is_no_finding() -> None:
    """A lead that is somebody else's double did nothing, and what that one did is not its own."""
    status, leads, made = one_lead()
    double = LeadWithSteps(lead=lead_pb2.Lead(public_identifier="ada-by-id"))

    checks = consistency_checks(
        status=status,
        leads=[*leads, double],
        known_as={"ada-by-id": "ada-example"},
        made=made,
        uses=[],
        events=events_of(status),
        unverified=0,
    )

    assert broken(checks) == []


def test_a_message_that_no_step_sent_is_found() -> None:
    """One message more in the journal than the lead's history is told."""
    status, leads, made = one_lead()
    made.append(written("message", seq=3, text="Hello again"))

    checks = consistency_checks(
        status=status, leads=leads, made=made, uses=[], events=events_of(status), unverified=0
    )

    assert broken(checks) == ["The journal agrees with every lead's steps"]


def test_a_message_that_never_arrived_is_found() -> None:
    """A step that is told as done and is not in the journal is told."""
    status, leads, made = one_lead()

    checks = consistency_checks(
        status=status, leads=leads, made=made[:1], uses=[], events=events_of(status), unverified=0
    )

    assert broken(checks) == [
        "The journal agrees with the funnel",
        "The journal agrees with every lead's steps",
    ]


def test_a_missing_webhook_is_found() -> None:
    """Every event that the status implies must have arrived, and no other."""
    status, leads, made = one_lead()

    checks = consistency_checks(
        status=status, leads=leads, made=made, uses=[], events=events_of(status)[1:], unverified=0
    )

    assert broken(checks) == ["The webhooks agree with the status"]


def test_a_stranger_who_was_contacted_is_found() -> None:
    """Nobody who is not on the list may be touched."""
    status, leads, made = one_lead()
    made.append(written("invite", seq=3, target="bob-stranger"))

    checks = consistency_checks(
        status=status, leads=leads, made=made, uses=[], events=events_of(status), unverified=0
    )

    assert broken(checks) == ["The journal agrees with the funnel"]


def test_an_answer_that_was_lost_for_good_is_no_difference() -> None:
    """A step that failed as OUTCOME_UNKNOWN may have landed or not; both agree."""
    status, leads, made = one_lead()
    step = leads[0].steps[1]
    step.state, step.reason = lead_pb2.STEP_STATE_FAILED, "OUTCOME_UNKNOWN"
    status.funnel.messaged = 0
    status.steps[1].done, status.steps[1].failed = 0, 1

    for seen in (made, made[:1]):
        checks = consistency_checks(
            status=status, leads=leads, made=seen, uses=[], events=events_of(status), unverified=0
        )

        assert broken(checks) == []


def test_an_inmail_is_compared_by_what_was_sent() -> None:
    """As a message only if the step says so; a journal that says otherwise is a check."""
    status, leads, made = one_lead()
    step = leads[0].steps[1]
    step.kind = status.steps[1].kind = sequence_pb2.STEP_KIND_SEND_INMAIL

    def found(reason: str) -> list[str]:
        step.reason = reason
        return broken(
            consistency_checks(
                status=status,
                leads=leads,
                made=made,
                uses=[],
                events=events_of(status),
                unverified=0,
            )
        )

    assert found("SENT_AS_MESSAGE") == []
    assert found("") == ["The journal agrees with every lead's steps"]


def test_exits_that_nobody_took() -> None:
    """The status may count no lead that took another exit, or none."""
    status, (lead,), made = one_lead()
    step = {"step_id": "c", "index": 2, "kind": sequence_pb2.STEP_KIND_CONDITION}
    status.steps.append(campaign_pb2.StepCounts(**step, done=1, exits={"yes": 1, "no": 0}))
    taken = lead.steps.add(**step, state=lead_pb2.STEP_STATE_DONE, exit="yes")

    def checks() -> list[str]:
        judged = consistency_checks(
            status=status,
            leads=[lead],
            made=made,
            uses=(),
            events=events_of(status),
            unverified=0,
        )
        return broken(judged)

    assert checks() == []
    taken.exit = "no"
    assert checks() == ["The exits counted are those that the leads took"]
    taken.exit = ""
    assert checks() == ["The exits counted are those that the leads took"]
