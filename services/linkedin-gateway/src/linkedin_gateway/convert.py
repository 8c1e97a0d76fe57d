"""Proto to model and back; bad input is refused by field, all of it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.common.v1 import sending_window_pb2
from outreach.linkedin.v1 import account_pb2, action_pb2
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from servicekit.errors import FieldViolation

from linkedin_gateway.caps import WINDOWS, Cap, highest_allowed
from linkedin_gateway.errors import InvalidFields
from linkedin_gateway.kinds import WRITES, Kind
from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionRequest,
    ActionState,
    Facts,
    Hold,
    HoldChange,
    HoldScope,
    Outcome,
    Suppression,
    Tier,
    person_key,
)
from linkedin_gateway.obstacles import Obstacle
from linkedin_gateway.pace import Window
from linkedin_gateway.suppression_keys import Subject, spelling_of
from linkedin_gateway.suppression_list import RowError
from linkedin_gateway.suppressions import suppression
from linkedin_gateway.unipile import PostSeen
from linkedin_gateway.working_hours import WORKDAYS, WorkingHours

_E = TypeVar("_E", bound=Enum)

_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
REACTIONS = frozenset({"like", "celebrate", "support", "love", "insightful", "funny"})
_LONGEST_ID = 200
_MOST_SUPPRESSIONS = 1000
_MOST_ROW_ERRORS = 1000
_LONGEST_RECENT = timedelta(days=365)

KIND_NUMBERS: Mapping[Kind, action_pb2.ActionKind.ValueType] = {
    kind: action_pb2.ActionKind.Value(f"ACTION_KIND_{kind.name}")
    for kind in Kind
    if kind is not Kind.POST_LIST
}
_KINDS: Mapping[int, Kind] = {number: kind for kind, number in KIND_NUMBERS.items()}
_STATES = {
    state: action_pb2.ActionState.Value(f"ACTION_STATE_{state.name}") for state in ActionState
}
_ACCOUNT_STATES = {
    state: account_pb2.AccountState.Value(f"ACCOUNT_STATE_{state.name}") for state in AccountState
}
_TIERS = {tier: account_pb2.AccountTier.Value(f"ACCOUNT_TIER_{tier.name}") for tier in Tier}
_SCOPES = {scope: pb.HoldScope.Value(f"HOLD_SCOPE_{scope.name}") for scope in HoldScope}


class Findings:
    """What is wrong with a request, field by field."""

    def __init__(self) -> None:
        self._violations: list[FieldViolation] = []

    def add(self, field: str, told: str, reason: str = "FIELD_INVALID") -> None:
        self._violations.append(FieldViolation(field, told, reason))

    def require(self, field: str, value: str, *, longest: int = _LONGEST_ID) -> str:
        """A text that must be there and not too long."""
        if not value.strip():
            self.add(field, "is required", "FIELD_REQUIRED")
        return self.limit(field, value, longest)

    def limit(self, field: str, value: str, longest: int) -> str:
        """A text that must not be too long."""
        if len(value) > longest:
            self.add(field, f"has {len(value)} characters, at most {longest}", "TEXT_TOO_LONG")
        return value

    def end(self) -> None:
        """Raise if anything is wrong."""
        if self._violations:
            raise InvalidFields(self._violations)


# --- actions ---------------------------------------------------------------------------


def action_request(request: pb.PerformActionRequest) -> ActionRequest:
    """What a caller asks for."""
    wrong = Findings()
    which = request.WhichOneof("action")
    if which is None:
        wrong.add("action", "one action is required", "FIELD_REQUIRED")
    if request.weight < 0:
        wrong.add("weight", "must not be negative")
    window = None
    if request.HasField("sending_window"):
        window = working_hours(request.sending_window, "sending_window", wrong)
    if request.person_time_zone:
        _zone(request.person_time_zone, "person_time_zone", wrong)
    details = _DETAILS[which](request, wrong) if which else {"kind": Kind.VISIT}
    person = _person(request.person.public_identifier, wrong)
    email = wrong.limit("person.email", request.person.email, 320)
    company = wrong.limit("person.company", request.person.company, 500)
    made = ActionRequest(
        request_id=wrong.require("request_id", request.request_id),
        organization_id=wrong.require("organization_id", request.organization_id),
        account_id=wrong.require("account_id", request.account_id),
        campaign_id=wrong.require("campaign_id", request.campaign_id),
        lead_id=wrong.require("lead_id", request.lead_id),
        person=person,
        email=email,
        company=company,
        weight=request.weight or 1,
        continue_after_reply=request.continue_after_reply,
        automatic_reply_wait=_wait(request, wrong),
        sending_window=window,
        person_time_zone=request.person_time_zone,
        **details,
    )
    wrong.end()
    return made


def _wait(request: pb.PerformActionRequest, wrong: Findings) -> timedelta | None:
    if not request.HasField("automatic_reply_wait"):
        return None
    try:
        wait = request.automatic_reply_wait.ToTimedelta()
    except (ValueError, OverflowError):
        wait = timedelta(-1)
    if not timedelta() <= wait <= _LONGEST_RECENT:
        wrong.add("automatic_reply_wait", "must be between nothing and a year")
    return wait


def _person(public_identifier: str, wrong: Findings) -> str:
    wrong.require("person.public_identifier", public_identifier)
    if any(character in public_identifier for character in "/?# \t\n"):
        wrong.add("person.public_identifier", "is an identifier, not an address")
    return person_key(public_identifier)


def person(message: action_pb2.Person) -> str:
    """The person of a read."""
    wrong = Findings()
    found = _person(message.public_identifier, wrong)
    wrong.end()
    return found


def _recent(duration: Duration, *, given: bool, field: str, wrong: Findings) -> timedelta:
    if not given:
        return timedelta(days=7)
    within = duration.ToTimedelta()
    if not timedelta(0) < within <= _LONGEST_RECENT:
        wrong.add(field, "must be more than nothing and at most a year")
    return within


def recent_within(request: pb.ListPostsRequest) -> timedelta:
    """How old a post may be."""
    wrong = Findings()
    within = _recent(
        request.recent_within,
        given=request.HasField("recent_within"),
        field="recent_within",
        wrong=wrong,
    )
    wrong.end()
    return within


def _reaction(request: pb.PerformActionRequest, wrong: Findings) -> dict[str, Any]:
    action = request.react_to_post
    reaction = action.reaction or "like"
    if reaction not in REACTIONS:
        wrong.add("react_to_post.reaction", f"must be one of {', '.join(sorted(REACTIONS))}")
    within = _recent(
        action.recent_within,
        given=action.HasField("recent_within"),
        field="react_to_post.recent_within",
        wrong=wrong,
    )
    return {"kind": Kind.REACTION, "reaction": reaction, "recent_within": within}


def _comment(request: pb.PerformActionRequest, wrong: Findings) -> dict[str, Any]:
    action = request.comment_on_post
    within = _recent(
        action.recent_within,
        given=action.HasField("recent_within"),
        field="comment_on_post.recent_within",
        wrong=wrong,
    )
    text = wrong.require("comment_on_post.text", action.text, longest=1250)
    return {
        "kind": Kind.COMMENT,
        "text": text,
        "post_id": action.post_id,
        "recent_within": within,
    }


def _invitation(request: pb.PerformActionRequest, wrong: Findings) -> dict[str, Any]:
    note = wrong.limit("send_invitation.note", request.send_invitation.note.strip(), 300)
    return {"kind": Kind.INVITATION, "text": note}


def _message(request: pb.PerformActionRequest, wrong: Findings) -> dict[str, Any]:
    action = request.send_message
    text = wrong.require("send_message.text", action.text, longest=8000)
    return {"kind": Kind.MESSAGE, "text": text, "only_if_no_reply": action.only_if_no_reply}


def _inmail(request: pb.PerformActionRequest, wrong: Findings) -> dict[str, Any]:
    action = request.send_inmail
    return {
        "kind": Kind.INMAIL,
        "text": wrong.require("send_inmail.text", action.text, longest=1900),
        "subject": wrong.limit("send_inmail.subject", action.subject, 200),
    }


_DETAILS: Mapping[str, Callable[[pb.PerformActionRequest, Findings], dict[str, Any]]] = {
    "visit_profile": lambda _request, _wrong: {"kind": Kind.VISIT},
    "react_to_post": _reaction,
    "comment_on_post": _comment,
    "send_invitation": _invitation,
    "send_message": _message,
    "send_inmail": _inmail,
    "withdraw_invitation": lambda _request, _wrong: {"kind": Kind.WITHDRAWAL},
}


def outcome_message(action: Action) -> action_pb2.ActionOutcome:
    """What became of an action that was performed."""
    outcome = action.outcome or Outcome()
    return action_pb2.ActionOutcome(
        performed_time=timestamp(action.sent_at or action.finished_at),
        already_so=outcome.already_so,
        sent_as_message=outcome.sent_as_message,
        connected=outcome.connected,
        provider_id=outcome.provider_id,
        invitation_id=outcome.invitation_id,
        chat_id=outcome.chat_id,
        message_id=outcome.message_id,
        post_id=outcome.post_id,
    )


def action_message(action: Action) -> action_pb2.Action:
    """An action as the ledger knows it."""
    queued = action.state is ActionState.QUEUED
    return action_pb2.Action(
        request_id=action.request_id,
        organization_id=action.organization_id,
        account_id=action.account_id,
        kind=KIND_NUMBERS.get(action.kind, action_pb2.ACTION_KIND_UNSPECIFIED),
        campaign_id=action.campaign_id,
        lead_id=action.lead_id,
        person=action_pb2.Person(public_identifier=action.person),
        state=_STATES[action.state],
        reason=action.reason,
        create_time=timestamp(action.created_at),
        turn_time=timestamp(action.turn_at) if queued else None,
        send_time=timestamp(action.sent_at),
        finish_time=timestamp(action.finished_at),
        outcome=outcome_message(action) if action.state is ActionState.DONE else None,
    )


def obstacle_message(obstacle: Obstacle) -> action_pb2.Obstacle:
    return action_pb2.Obstacle(
        reason=obstacle.reason,
        description=obstacle.description,
        free_time=timestamp(obstacle.free_at),
    )


def kind_of(number: int) -> Kind | None:
    """A kind to filter by; None for any."""
    return _chosen("kind", number, _KINDS)


def state_of(number: int) -> ActionState | None:
    """A state to filter by; None for any."""
    states: Mapping[int, ActionState] = {value: state for state, value in _STATES.items()}
    return _chosen("state", number, states)


def _chosen(field: str, number: int, known: Mapping[int, _E]) -> _E | None:
    if number == 0:
        return None
    if number not in known:
        raise InvalidFields([FieldViolation(field, "is not a known value", "FIELD_INVALID")])
    return known[number]


# --- accounts --------------------------------------------------------------------------


def account_message(account: Account) -> account_pb2.Account:
    hours = account.working_hours
    return account_pb2.Account(
        account_id=account.account_id,
        organization_id=account.organization_id,
        unipile_account_id=account.unipile_account_id,
        name=account.name,
        tier=_TIERS[account.tier],
        state=_ACCOUNT_STATES[account.state],
        working_hours=window_message(hours),
        holidays=sorted(day.isoformat() for day in hours.holidays),
        caps=[
            account_pb2.Cap(kind=KIND_NUMBERS[cap.kind], per=duration(cap.per), actions=cap.actions)
            for cap in account.caps
        ],
        create_time=timestamp(account.created_at),
        state_time=timestamp(account.state_at),
        state_reason=account.state_reason,
    )


def window_message(hours: WorkingHours) -> sending_window_pb2.SendingWindow:
    return sending_window_pb2.SendingWindow(
        time_zone=hours.time_zone,
        weekdays=sorted(hours.weekdays),  # type: ignore[arg-type]
        opens=hours.opens.isoformat("minutes"),
        closes=hours.closes.isoformat("minutes"),
    )


def working_hours(
    window: sending_window_pb2.SendingWindow,
    field: str,
    wrong: Findings,
    *,
    holidays: frozenset[date] = frozenset(),
) -> WorkingHours:
    """A window of the week."""
    weekdays = frozenset(window.weekdays) or WORKDAYS
    if not weekdays <= set(range(1, 8)):
        wrong.add(f"{field}.weekdays", "holds a day that does not exist")
        weekdays = WORKDAYS
    return WorkingHours(
        time_zone=_zone(window.time_zone, f"{field}.time_zone", wrong),
        weekdays=weekdays,
        opens=_time(window.opens, f"{field}.opens", wrong),
        closes=_time(window.closes, f"{field}.closes", wrong),
        holidays=holidays,
    )


def _zone(zone: str, field: str, wrong: Findings) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong.add(field, f"{zone!r} is not an IANA time zone")
        return "UTC"
    return zone


def _time(text: str, field: str, wrong: Findings) -> time:
    if _CLOCK_TIME.fullmatch(text) is None:
        wrong.add(field, "must be HH:MM on the 24-hour clock")
        return time(0)
    return time.fromisoformat(text)


def holidays_of(days: Iterable[str], field: str, wrong: Findings) -> frozenset[date]:
    """Days off."""
    found = set()
    for number, text in enumerate(days):
        try:
            found.add(date.fromisoformat(text))
        except ValueError:
            wrong.add(f"{field}[{number}]", "must be YYYY-MM-DD")
    return frozenset(found)


def caps_of(caps: Sequence[account_pb2.Cap], field: str, wrong: Findings) -> tuple[Cap, ...]:
    """A customer's caps, none above the defaults of the highest tier.

    One above the default of the account's own tier has no effect: the lowest binds.
    """
    found = []
    for number, cap in enumerate(caps):
        path = f"{field}[{number}]"
        kind, per = _KINDS.get(cap.kind), cap.per.ToTimedelta()
        if kind is None:
            wrong.add(f"{path}.kind", "is required", "FIELD_REQUIRED")
        if per not in WINDOWS:
            wrong.add(f"{path}.per", "must be one hour, one day or seven days")
        if cap.actions < 0:
            wrong.add(f"{path}.actions", "must not be negative")
        if kind is None:
            continue
        highest = highest_allowed(kind, per, tier="recruiter")
        if highest is not None and cap.actions > highest:
            wrong.add(f"{path}.actions", f"must not be higher than the default, {highest}")
        found.append(Cap(kind=kind, per=per, actions=cap.actions))
    return tuple(found)


def usage_message(kind: Kind, window: Window, *, now: datetime) -> account_pb2.Usage:
    """How much of one cap is used."""
    free_at = window.free_at(now)
    return account_pb2.Usage(
        kind=KIND_NUMBERS[kind],
        per=duration(window.cap.per),
        used=window.used(now),
        limit=window.cap.actions,
        layer=window.cap.layer,
        free_time=timestamp(free_at) if free_at > now else None,
    )


# --- people ----------------------------------------------------------------------------


def profile_message(facts: Facts) -> pb.Profile:
    return pb.Profile(
        public_identifier=facts.public_identifier or facts.person,
        provider_id=facts.provider_id,
        first_name=facts.first_name,
        last_name=facts.last_name,
        headline=facts.headline,
        location=facts.location,
        connected=facts.connected,
        open_profile=facts.open_profile,
        read_time=timestamp(facts.read_at),
    )


def post_message(post: PostSeen) -> pb.Post:
    return pb.Post(
        post_id=post.post_id,
        text=post.text,
        publish_time=timestamp(post.published_at),
        takes_comments=post.takes_comments,
        takes_reactions=post.takes_reactions and not post.reacted,
    )


# --- holds and suppressions --------------------------------------------------------------


def hold_scope(number: int, subject_id: str) -> tuple[HoldScope, str]:
    """What a hold covers."""
    wrong = Findings()
    scopes: Mapping[int, HoldScope] = {value: each for each, value in _SCOPES.items()}
    scope = scopes.get(number)
    if scope is None:
        wrong.add("scope", "is required", "FIELD_REQUIRED")
    elif scope is HoldScope.EVERYTHING:
        subject_id = ""
    elif scope is HoldScope.KIND:
        subject_id = subject_id.strip().lower()
        if subject_id not in {kind.value for kind in WRITES}:
            wrong.add("subject_id", f"must be one of {', '.join(sorted(WRITES))}")
    else:
        wrong.require("subject_id", subject_id)
    wrong.end()
    return scope or HoldScope.EVERYTHING, subject_id


def hold_message(hold: Hold) -> pb.Hold:
    return pb.Hold(
        scope=_SCOPES[hold.scope],
        subject_id=hold.subject_id,
        reason=hold.reason,
        create_time=timestamp(hold.created_at),
    )


def hold_change_message(change: HoldChange) -> pb.HoldChange:
    return pb.HoldChange(
        scope=_SCOPES[change.scope],
        subject_id=change.subject_id,
        lifted=change.lifted,
        reason=change.reason,
        caller=change.caller,
        change_time=timestamp(change.at),
    )


def suppressions_of(request: pb.AddSuppressionsRequest, *, now: datetime) -> list[Suppression]:
    """People who must not be contacted."""
    wrong = Findings()
    if not request.suppressions:
        wrong.add("suppressions", "is required", "FIELD_REQUIRED")
    if len(request.suppressions) > _MOST_SUPPRESSIONS:
        wrong.add("suppressions", f"holds more than {_MOST_SUPPRESSIONS}")
    found = [
        _suppression(each, f"suppressions[{number}]", wrong, now=now)
        for number, each in enumerate(request.suppressions)
    ]
    wrong.end()
    return found


def _suppression(
    message: pb.Suppression, field: str, wrong: Findings, *, now: datetime
) -> Suppression:
    subject, label = Subject.PERSON, message.public_identifier
    given = [name for name in _SUBJECTS if getattr(message, name).strip()]
    if len(given) == 1:
        subject, label = _SUBJECTS[given[0]], getattr(message, given[0]).strip()
        if subject is Subject.EMAIL_DOMAIN and "@" in label[1:]:
            # A whole address means its owner, not everybody who has one like it.
            subject = Subject.EMAIL
        wrong.limit(f"{field}.{given[0]}", label, 500)
        if not spelling_of(subject, label):
            wrong.add(f"{field}.{given[0]}", f"{label!r} names nobody")
    else:
        told = f"exactly one of {', '.join(_SUBJECTS)} is required"
        wrong.add(f"{field}.public_identifier", told, "FIELD_REQUIRED")
    organization_id = wrong.require(f"{field}.organization_id", message.organization_id)
    reason = wrong.require(f"{field}.reason", message.reason, longest=1000)
    expires_at = message.expire_time.ToDatetime(UTC) if message.HasField("expire_time") else None
    return suppression(
        organization_id, subject, label, reason=reason, expires_at=expires_at, now=now
    )


def suppression_message(suppression: Suppression) -> pb.Suppression:
    message = pb.Suppression(
        suppression_id=suppression.suppression_id,
        organization_id=suppression.organization_id,
        reason=suppression.reason,
        expire_time=timestamp(suppression.expires_at),
        create_time=timestamp(suppression.created_at),
    )
    names = {subject: name for name, subject in _SUBJECTS.items()}
    names[Subject.EMAIL] = "email_domain"
    setattr(message, names[Subject(suppression.subject)], suppression.label)
    return message


def list_header(request: pb.ImportSuppressionsRequest | None) -> pb.ImportSuppressionsHeader:
    """Whose list it is: the first message of an import."""
    wrong = Findings()
    if request is None or not request.HasField("header"):
        wrong.add("header", "must come first", "FIELD_REQUIRED")
        wrong.end()
    header = request.header if request is not None else pb.ImportSuppressionsHeader()
    wrong.require("header.organization_id", header.organization_id)
    wrong.require("header.reason", header.reason, longest=1000)
    wrong.end()
    return header


def import_message(
    *, rows: int, added: int, row_errors: Sequence[RowError]
) -> pb.ImportSuppressionsResponse:
    """What became of a list."""
    return pb.ImportSuppressionsResponse(
        rows=rows,
        added=added,
        rejected=len(row_errors),
        row_errors=[
            pb.SuppressionRowError(line=error.line, description=error.description)
            for error in row_errors[:_MOST_ROW_ERRORS]
        ],
    )


_SUBJECTS = {
    "public_identifier": Subject.PERSON,
    "email_domain": Subject.EMAIL_DOMAIN,
    "company": Subject.COMPANY,
}


# --- times -----------------------------------------------------------------------------


def timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    message = Timestamp()
    message.FromDatetime(at)
    return message


def since(request: pb.ReplayInboundRequest) -> datetime:
    """From when on."""
    wrong = Findings()
    if not request.HasField("since_time"):
        wrong.add("since_time", "is required", "FIELD_REQUIRED")
    wrong.end()
    return request.since_time.ToDatetime(UTC)


def instant(message: Timestamp, *, given: bool) -> datetime | None:
    return message.ToDatetime(UTC) if given else None


def duration(span: timedelta) -> Duration:
    message = Duration()
    message.FromTimedelta(span)
    return message
