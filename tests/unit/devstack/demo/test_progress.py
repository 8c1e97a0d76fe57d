"""How a campaign goes, line by line."""

import io
import re

from devstack.demo.progress import LinesProgress
from outreach.campaign.v1 import campaign_pb2
from rich.console import Console
from servicekit.clock import Clock

EVERYTHING = dict.fromkeys(campaign_pb2.Funnel.DESCRIPTOR.fields_by_name, 10000)


def lines(status: campaign_pb2.CampaignStatus) -> list[str]:
    written = io.StringIO()
    LinesProgress(Console(file=written, width=120), Clock.real_time()).show(status)
    return written.getvalue().splitlines()


def test_a_line_fits_the_narrowest_terminal() -> None:
    """Where it is broken it goes on under its text, and every figure is there."""
    status = campaign_pb2.CampaignStatus(
        state=campaign_pb2.CAMPAIGN_STATE_RUNNING,
        leads=10_000,
        running=10_000,
        funnel=campaign_pb2.Funnel(**EVERYTHING),
    )

    first, *others = lines(status)

    assert max(map(len, (first, *others))) <= 80
    assert "running: 0 of 10000 leads ended; visited 10000" in first
    assert others
    begins_at = first.index("running")
    assert all(len(line) - len(line.lstrip()) == begins_at for line in others)
    assert all(re.fullmatch(r"(\w+ 10000,? ?)+", line.strip()) for line in others)
    assert others[-1].endswith("withdrawn 10000")


def test_a_short_line_is_one() -> None:
    """A campaign of one lead."""
    status = campaign_pb2.CampaignStatus(state=campaign_pb2.CAMPAIGN_STATE_RUNNING, leads=1)

    (line,) = lines(status)

    assert line.endswith("running: 0 of 1 lead ended; begun")
