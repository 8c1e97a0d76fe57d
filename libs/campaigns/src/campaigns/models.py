"""Campaigns and leads as values, which know neither the wire nor tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never

from campaigns.answers import AutomaticReplies, OwnerMessages, ReplyScope

DEFAULT_MAX_CONCURRENT_LEADS = 100
DEFAULT_LEAD_PROCESSING_DELAY = timedelta(seconds=30)
DEFAULT_AUTOMATIC_REPLY_WAIT = timedelta(days=7)


class CampaignState(StrEnum):
    """Where a campaign is in its life; `campaign.proto` draws the transitions."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    COMPLETED = "completed"


class LeadState(StrEnum):
    """Where a lead is in its life; `lead.proto` draws the transitions."""

    READY = "ready"
    HELD_BACK = "held_back"
    RUNNING = "running"
    COMPLETED = "completed"
    REPLIED = "replied"
    FAILED = "failed"
    STOPPED = "stopped"
    PARKED = "parked"

    @property
    def walks(self) -> bool:
        """Whether such a lead is in the sequence: it has a workflow, a place and an account."""
        match self:
            case LeadState.RUNNING | LeadState.PARKED:
                return True
            case LeadState.READY | LeadState.HELD_BACK:
                return False
            case LeadState.COMPLETED | LeadState.REPLIED | LeadState.FAILED | LeadState.STOPPED:
                return False
            case _:
                assert_never(self)

    def why_skipped(self, reason: str) -> str:
        """Why the step of a lead that ended so, for that reason, is not performed any more."""
        return "ALREADY_REPLIED" if self is LeadState.REPLIED else reason


class ConnectionState(StrEnum):
    """Where the lead and the account stand with each other."""

    NONE = "none"
    INVITED = "invited"
    CONNECTED = "connected"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


class ParkedSenders(StrEnum):
    """What becomes of leads that were not contacted when their account is parked."""

    MOVE = "move"
    WAIT = "wait"

    @property
    def moves(self) -> bool:
        """Whether such a lead gets another account."""
        match self:
            case ParkedSenders.MOVE:
                return True
            case ParkedSenders.WAIT:
                return False
            case _:
                assert_never(self)


class LeadAdmission(StrEnum):
    """Which leads of the list are admitted."""

    AUTOMATIC = "automatic"
    RELEASED_ONLY = "released_only"

    @property
    def released_only(self) -> bool:
        """Whether a lead waits until somebody has released it."""
        match self:
            case LeadAdmission.RELEASED_ONLY:
                return True
            case LeadAdmission.AUTOMATIC:
                return False
            case _:
                assert_never(self)


class StepState(StrEnum):
    """How one step of one lead fared."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class SendingWindow:
    """The part of the week in which a campaign may send, or an account may act.

    `weekdays` are ISO numbers, Monday is 1. A window that closes before it opens runs past midnight
    and belongs to the day on which it opens; one that closes when it opens lasts the whole day.
    """

    time_zone: str
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens: time = time(9)
    closes: time = time(18)
    days_off: frozenset[date] = frozenset()


@dataclass(frozen=True, kw_only=True)
class CampaignSettings:
    """How a campaign goes about its leads."""

    max_concurrent_leads: int = DEFAULT_MAX_CONCURRENT_LEADS
    lead_processing_delay: timedelta = DEFAULT_LEAD_PROCESSING_DELAY
    leads_per_day: int = 0
    start_at: datetime | None = None
    sending_window: SendingWindow | None = None
    continue_after_reply: bool = False
    contact_responders: bool = False
    """Whether people are turned to who have answered the organization before."""
    reply_scope: ReplyScope = ReplyScope.CAMPAIGN
    automatic_replies: AutomaticReplies = AutomaticReplies.END
    automatic_reply_wait: timedelta = DEFAULT_AUTOMATIC_REPLY_WAIT
    parked_senders: ParkedSenders = ParkedSenders.MOVE
    owner_messages: OwnerMessages = OwnerMessages.END
    leave_received_invitations: bool = False
    """Whether invitations that people have sent by themselves are not accepted."""
    end_at: datetime | None = None
    """From when on nobody begins, and nothing more is done for anybody; None: never."""
    max_lead_duration: timedelta | None = None
    """For how long a lead is in the sequence at the most; None: for as long as that lasts."""
    admission: LeadAdmission = LeadAdmission.AUTOMATIC
    keep_open: bool = False
    """Whether the campaign goes on once all of its leads have ended, and waits for more."""


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A list of leads, a sequence, and the accounts that send."""

    id: str
    organization_id: str
    name: str
    state: CampaignState
    account_ids: tuple[str, ...]
    settings: CampaignSettings
    revision_id: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    deleted_at: datetime | None = None
    purge_at: datetime | None = None
    """Of a deleted one: until when it comes back; then nothing is left of it but its ids."""
    purged_at: datetime | None = None
    updated_at: datetime | None = field(default=None, compare=False)
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
    updated_by: str = ""
    """Who edited it last."""
    parked_leads: int = 0


@dataclass(frozen=True, kw_only=True)
class Person:
    """One row of a lead list, read and normalised."""

    public_identifier: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    industry: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    time_zone: str = ""
    """The IANA zone of their day; empty where nobody knows."""
    literal: tuple[str, ...] = ()
    """Values of this person that look as if they said nothing, and are meant."""


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """Why a lead may not enter the sequence: a reason, and a sentence for people."""

    reason: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Lead:
    """One person in one campaign; `detail` says more of `reason`, for people."""

    id: str
    campaign_id: str
    person: Person
    state: LeadState
    connection: ConnectionState
    reason: str = ""
    detail: str = ""
    reply: str = ""
    account_id: str = ""
    revision_id: str = ""
    lead_list_id: str = ""
    """The list that it was taken from; empty for one that an import has brought."""
    created_at: datetime
    start_at: datetime | None = None
    """When it is to begin; leads begin one after the other. None until it is admitted."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    owner_wrote_at: datetime | None = None
    """When the account's owner wrote to the person by hand, until they answer it."""
    reassigned_action_id: str = ""
    replacement_account_id: str = ""
    """The account that it goes on from as soon as nothing of it waits at the old one."""
    parked_at: datetime | None = None
    trace_id: str = ""
    """While it is parked: under which the log has the fault of ours."""
    replaced_if_contacted: bool = False
    """Whether it was to go on from another account even if the old one had contacted it."""
    released_at: datetime | None = None
    """When it was released; where only such ones are admitted, it waits for that."""
    release_id: str = ""
    rank: float | None = None
    """Among the released ones the highest goes first, and those without one last."""
    opted_out_at: datetime | None = None
    """When the person asked last for no further contact, also if that was lifted since."""
    suppression_id: str = ""
    """The gateway's, which was made of that."""
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def sender_id(self) -> str:
        """The account that its next action goes from."""
        return self.replacement_account_id or self.account_id


class MessageAuthor(StrEnum):
    """Who wrote what passed between a lead's person and its account."""

    SEQUENCE = "sequence"
    PERSON = "person"
    OWNER = "owner"
    """The account's owner, by hand."""


@dataclass(frozen=True, kw_only=True)
class HeardMessage:
    """What a person or an account's owner wrote, and where; `text` is empty for an owner's."""

    text: str = ""
    chat_id: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class StepExecution:
    """One step in the history of a lead; `exit_name` is the exit it was left by, if it has any."""

    step_id: str
    state: StepState
    reason: str = ""
    detail: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_name: str = ""
    variant: str = ""
