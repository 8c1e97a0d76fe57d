"""How the demo writes things: short names, times and durations for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from outreach.campaign.v1 import campaign_pb2, lead_pb2, sequence_pb2

_STEPS: Mapping[sequence_pb2.StepKind.ValueType, str] = {
    sequence_pb2.STEP_KIND_PROFILE_VISIT: "visit",
    sequence_pb2.STEP_KIND_LIKE_POST: "like",
    sequence_pb2.STEP_KIND_COMMENT_POST: "comment",
    sequence_pb2.STEP_KIND_SEND_CONNECTION_REQUEST: "invite",
    sequence_pb2.STEP_KIND_SEND_FOLLOWUP: "message",
    sequence_pb2.STEP_KIND_SEND_INMAIL: "inmail",
    sequence_pb2.STEP_KIND_WITHDRAW_REQUEST: "withdraw",
    sequence_pb2.STEP_KIND_WEBHOOK: "webhook",
    sequence_pb2.STEP_KIND_WAIT: "wait",
    sequence_pb2.STEP_KIND_CONDITION: "condition",
    sequence_pb2.STEP_KIND_SPLIT: "split",
}
if missing := set(sequence_pb2.StepKind.values()) - {*_STEPS, sequence_pb2.STEP_KIND_UNSPECIFIED}:
    raise AssertionError(f"kinds of steps without a name: {missing}")
FUNNEL = ("visited", "reacted", "commented", "invited", "accepted")
FUNNEL_AFTERWARDS = ("messaged", "inmailed", "replied", "withdrawn")


def step(kind: sequence_pb2.StepKind.ValueType) -> str:
    """`visit`, `invite` and so on."""
    return _STEPS[kind]


def campaign_state(state: campaign_pb2.CampaignState.ValueType) -> str:
    """`running`, `completed` and so on."""
    return campaign_pb2.CampaignState.Name(state).removeprefix("CAMPAIGN_STATE_").lower()


def lead_state(state: lead_pb2.LeadState.ValueType) -> str:
    """`completed`, `replied` and so on."""
    return lead_pb2.LeadState.Name(state).removeprefix("LEAD_STATE_").lower()


def step_state(state: lead_pb2.StepState.ValueType) -> str:
    """`done`, `skipped`, `failed` or `waiting`."""
    return lead_pb2.StepState.Name(state).removeprefix("STEP_STATE_").lower()


def connection_state(state: lead_pb2.ConnectionState.ValueType) -> str:
    """`connected`, `not accepted` and so on."""
    name = lead_pb2.ConnectionState.Name(state).removeprefix("CONNECTION_STATE_")
    return name.lower().replace("_", " ")


def reason(code: str) -> str:
    """`NO_POSTS` for people: `no posts`."""
    return code.lower().replace("_", " ")


def counted(count: int, what: str) -> str:
    """`1 lead`, `2 leads`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def moment(at: datetime) -> str:
    """A virtual instant: `Mon 23 Nov 09:12`."""
    return at.strftime("%a %d %b %H:%M")


def span(duration: timedelta) -> str:
    """A length of time in its two greatest units: `3 weeks 2 days`, `1 min 5 s`."""
    seconds = round(duration.total_seconds())
    parts = []
    for name, size in (("week", 604_800), ("day", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            plural = "s" if count > 1 and name in {"week", "day"} else ""
            parts.append(f"{count} {name}{plural}")
    return " ".join(parts[:2]) or "0 s"
