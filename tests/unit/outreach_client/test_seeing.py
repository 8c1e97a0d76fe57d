"""What is made of several calls: a launch, a live view, a person's story, a difference."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from devstack.demo.up import SPEED, clock_told
from outreach.campaign.v1 import campaign_pb2, lead_pb2, preview_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2 as leads_pb
from outreach.campaign.v1 import sequence_service_pb2 as sequences_pb
from outreach.linkedin.v1 import action_pb2, pace_pb2
from outreach_client.cli import app
from outreach_client.commands.campaigns.live import Seen, Sender, drawn
from outreach_client.commands.leads.trace import Chapter, told
from rich.console import Console
from servicekit.rehearsals.rehearsal import only_asks
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server

LAUNCH = ["campaigns", "launch", "--sender", "acct_1", "--no-watch"]


def paths(server: Server) -> list[str]:
    return [path.rpartition("/")[2] for path, _ in server.asked]


@pytest.fixture
def launch(server: Server, tmp_path: Path) -> list[str]:
    """The words of a launch of two files, in a world where drawings can run."""
    server.absent = {"violations"}
    (tmp_path / "spring.csv").write_text("Profil\nhttps://www.linkedin.com/in/ada-example\n")
    (tmp_path / "flow.json").write_text('{"nodes": []}')
    files = ["--leads", str(tmp_path / "spring.csv"), "--flow", str(tmp_path / "flow.json")]
    return [*LAUNCH, *files]


def test_a_launch_is_one_command(server: Server, runner: CliRunner, launch: list[str]) -> None:
    """Validated, created, imported, previewed, started; named after its list."""
    result = runner.invoke(app, [*launch, "--yes"])

    assert result.exit_code == 0, result.output
    assert paths(server) == [
        "ValidateSequence",
        "CreateCampaign",
        "ImportLeads",
        "PreviewMessages",
        "StartCampaign",
    ]
    created: pb.CreateCampaignRequest = server.asked[1][1][0]  # type: ignore[assignment]
    assert created.name == "spring"
    previewed: sequences_pb.PreviewMessagesRequest = server.asked[3][1][0]  # type: ignore[assignment]
    assert previewed.leads == 3


def test_a_launch_that_is_only_tried_leaves_nothing(
    server: Server, runner: CliRunner, launch: list[str]
) -> None:
    """Whether it would start is asked, then its draft is deleted; unasked there never is one."""
    unasked = runner.invoke(app, launch)
    before = paths(server)

    tried = runner.invoke(app, [*launch, "--dry-run"])

    assert (unasked.exit_code, before) == (2, [])
    assert tried.exit_code == 0, tried.output
    assert paths(server)[-2:] == ["StartCampaign", "DeleteCampaign"]
    started: pb.StartCampaignRequest = server.asked[-2][1][0]  # type: ignore[assignment]
    assert started.validate_only


def test_a_drawing_that_cannot_run_is_not_launched(
    server: Server, runner: CliRunner, launch: list[str]
) -> None:
    """Exit code 4, with every violation, before anything is made."""
    server.absent = set()

    result = runner.invoke(app, [*launch, "--yes"])

    assert result.exit_code == 4
    assert paths(server) == ["ValidateSequence"]
    assert "violations" in result.stdout


STATUS = campaign_pb2.CampaignStatus(
    campaign_id="camp_01j9z3k4x5",
    state=campaign_pb2.CAMPAIGN_STATE_RUNNING,
    leads=300,
    ready=100,
    running=150,
    completed=40,
    replied=10,
    funnel=campaign_pb2.Funnel(visited=180, invited=120, accepted=44, messaged=30, replied=10),
    steps=[campaign_pb2.StepCounts(label="Ask for a call", waiting=12, done=30, failed=1)],
    estimated_end_time={"seconds": 1_800_000_000},
    explanations=["31 leads wait for invitations of acct_01j9z3k4x5 until Monday 09:00."],
)
USED = [
    pace_pb2.Usage(
        kind=action_pb2.ACTION_KIND_INVITATION,
        used=20,
        limit=20,
        per={"seconds": 86400},
        free_time={"seconds": 1_790_000_000},
    ),
    pace_pb2.Usage(kind=action_pb2.ACTION_KIND_VISIT, used=30, limit=80, per={"seconds": 86400}),
]


@pytest.mark.parametrize("width", [80, 140])
def test_a_campaign_is_seen_at_a_glance(width: int) -> None:
    """Funnel, steps, what accounts have left, who waits for what; no line is wider than asked."""
    out = Console(file=StringIO(), width=width, color_system=None, soft_wrap=True)
    senders = [Sender(name="Ada Example", usages=USED)]

    out.print(
        drawn(Seen(answer=pb.WatchCampaignResponse(status=STATUS), name="S", senders=senders))
    )

    lines = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= width
    shown = " ".join(" ".join(lines).split())
    for part in (
        "camp_01j9z3k4x5",
        "50 of 300 leads are over",
        "150 in the sequence, 100 wait to begin",
        "ends about 2027-01-15",
        "invited 120",
        "Ask for a call 12 30 0 1",
        "Ada Example invitation 20 20 0 1d",
        "Ada Example visit 30 80 50 1d now",
        "31 leads wait for invitations",
    ):
        assert part in shown


def test_a_story_has_the_texts_that_were_sent() -> None:
    """Each step when it was, and below it what the person got; then what is waited for."""
    step = lead_pb2.StepExecution(
        step_id="s1", label="Say hello", state=lead_pb2.STEP_STATE_DONE, start_time={"seconds": 60}
    )
    chapter = Chapter(
        campaign_pb2.Campaign(campaign_id="camp_1", name="Spring"),
        leads_pb.GetLeadResponse(
            lead=lead_pb2.Lead(lead_id="lead_1", account_id="acct_1"),
            steps=[step],
            waiting_for=[lead_pb2.WaitingFor(description="Waits for the answer.")],
        ),
        {"s1": preview_pb2.MessagePreview(step_id="s1", text="Hello Ada,\nhow are you?")},
    )

    lines = list(told(chapter))

    assert lines[1] == "Spring (camp_1)"
    assert [line.strip() for line in lines[3:]] == [
        "1970-01-01T00:01:00Z  Say hello: done",
        "Hello Ada,",
        "how are you?",
        "waits: Waits for the answer.",
    ]
    assert chapter.began_at == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)


def test_a_person_is_followed_over_campaigns(server: Server, runner: CliRunner) -> None:
    """Whole addresses are understood; who is in none is told so, with exit code 3."""
    server.one_page = True
    found = runner.invoke(app, ["leads", "trace", "https://www.linkedin.com/in/ada-example/"])
    listed: leads_pb.ListLeadsRequest = server.asked[1][1][0]  # type: ignore[assignment]
    server.pages = [pb.ListCampaignsResponse()]
    nobody = runner.invoke(app, ["leads", "trace", "nobody"])

    assert found.exit_code == 0, found.output
    assert "is in 1 campaign" in found.stdout
    assert listed.filter == 'public_identifier = "ada-example"'
    assert nobody.exit_code == 3


def test_another_sequence_says_what_it_changes(
    server: Server, runner: CliRunner, tmp_path: Path
) -> None:
    """How many go on with it, the difference of the texts; a dry run changes nothing."""
    (tmp_path / "flow.json").write_text("{}")
    server.pages = [
        sequences_pb.PreviewRevisionResponse(moving_leads=41, finishing_leads=7, beginning_leads=9),
        pb.GetCampaignResponse(campaign=campaign_pb2.Campaign(organization_id="org_1")),
        sequences_pb.RenderSequenceResponse(text="1. Visit\n2. Hello\n"),
        sequences_pb.RenderSequenceResponse(text="1. Visit\n2. Good morning\n"),
    ]
    line = ["campaigns", "update-sequence", "camp_1", "-s", str(tmp_path / "flow.json")]

    result = runner.invoke(app, [*line, "--dry-run"])

    assert result.exit_code == 0, result.output
    assert "-2. Hello" in result.stdout
    assert "+2. Good morning" in result.stdout
    assert "41 leads in the sequence go on with it" in result.stdout
    changes = [each for path, (each,) in server.asked if path.endswith("/UpdateSequence")]
    assert [only_asks(each) for each in changes] == [True]


@pytest.mark.parametrize(
    ("told_of", "words"),
    [
        (lambda: clock_told(SPEED), ["SANDBOX", "300 times", "4.8 minutes", "SPEED=1"]),
        (lambda: clock_told(1.0), ["real", "weekends"]),
    ],
    ids=["sandbox", "real"],
)
def test_a_stack_says_how_fast_its_time_goes(told_of: Callable[[], str], words: list[str]) -> None:
    """On a Saturday nothing moved until Monday, and nobody knew why."""
    assert [word for word in words if word not in told_of()] == []
