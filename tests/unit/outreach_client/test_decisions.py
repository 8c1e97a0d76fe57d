"""`outreach decisions` and `outreach programs preview`: what a person reads before they answer."""

from outreach.automation.v1 import decision_pb2, program_service_pb2, selection_pb2
from outreach.automation.v1 import decision_service_pb2 as pb
from outreach_client.cli import app
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server

ADA = decision_pb2.DecidedLead(
    lead_id="lead_1",
    account_id="acct_1",
    name="Ada Example",
    title="VP\nSales \x1b[31m[red]",
    company="Acme",
    sender_name="Kim",
)


def decided(
    decision_id: str, program_id: str, *leads: decision_pb2.DecidedLead
) -> pb.GetDecisionResponse:
    decision = decision_pb2.Decision(
        decision_id=decision_id, program_id=program_id, sentence="Proposed to release 1 lead."
    )
    return pb.GetDecisionResponse(decision=decision, leads=leads)


def test_whom_a_release_is_of_is_told_by_name_before_it_is_approved(
    server: Server, runner: CliRunner
) -> None:
    """It asked people to approve bare ids."""
    unknown = decision_pb2.DecidedLead(lead_id="lead_2", account_id="acct_1")
    server.pages = [decided("dec_1", "prog_1", ADA, unknown)]

    told = runner.invoke(app, ["decisions", "approve", "dec_1", "--dry-run"])

    assert (
        "Ada Example, VP Sales \ufffd[31m[red] at Acme  to Kim (acct_1)"
        in told.stdout + told.stderr
    )
    assert "lead_2" not in told.stdout + told.stderr


def test_several_are_answered_by_their_programs(server: Server, runner: CliRunner) -> None:
    """Each is read anyway: nobody has to say which program it is of."""
    server.pages = [
        decided("dec_1", "prog_1"),
        decided("dec_2", "prog_2"),
        decided("dec_3", "prog_1"),
    ]

    done = runner.invoke(
        app, ["decisions", "reject", "--yes", "dec_1", "dec_2", "dec_3", "--request-id", "q"]
    )

    assert done.exit_code == 0, done.output
    asked = [requests[0] for path, requests in server.asked if path.endswith("/BatchDecide")]
    assert [(each.program_id, [*each.decision_ids], each.request_id) for each in asked] == [  # type: ignore[attr-defined]
        ("prog_1", ["dec_1", "dec_3"], "q"),
        ("prog_2", ["dec_2"], "q/1"),
    ]


def test_a_preview_says_what_keeps_senders_and_the_campaign_from_taking_anybody(
    server: Server, runner: CliRunner
) -> None:
    """`0 of 0 slots` said nothing."""
    none = selection_pb2.SLOT_BOUND_NOT_CONNECTED
    sender = selection_pb2.SenderSelection(
        account_id="acct_1", bound=none, unused=[selection_pb2.UnusedSlots(bound=none)]
    )
    server.pages = [
        program_service_pb2.PreviewSelectionResponse(
            day="2027-03-01",
            candidates=14,
            suppressed=2,
            senders=[sender],
            closed=selection_pb2.SLOT_BOUND_CAMPAIGN_NOT_RUNNING,
        )
    ]

    told = runner.invoke(app, ["programs", "preview", "prog_1"]).stdout

    assert "0 of 14 ready leads" in told
    assert "2 more must not be contacted" in told
    assert "nobody can be released now: campaign_not_running" in told
    assert "acct_1: 0 of 0 slots; unused: not_connected" in told
