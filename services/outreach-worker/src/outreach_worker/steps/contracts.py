"""What a lead asks of LinkedIn: its steps, performed or taken back. No bodies.

The workflows import such modules alone, so that nothing that touches a network
is ever loaded into them. Inputs carry ids; texts and lists stay in the tables
and never enter a history.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from campaigns.sequences.sequence import StepKind, StepOutcome
from campaigns.workflow.contracts import PERFORM_STEP, no_body
from temporalio import activity

from outreach_worker.events.contracts import CustomerEvent

_LONGEST_ACTION_ID = 200
"""UTF-16 units that the gateway takes; a picture is two and more."""
_MOST_BYTES = 400
"""Of an id, whatever letters it is of; a Chinese character is three."""

OWNER_WROTE = "OWNER_WROTE"
"""Why a step is not performed, and a lead ends, once the account's owner wrote by hand."""
STEP_SKIPPED = "STEP_SKIPPED"
"""Why a step is not performed that somebody has had left out."""


@dataclass(frozen=True, kw_only=True)
class PerformStep:
    """Perform a step of a lead; `n` counts the posts of a step that has several, from 1.

    `invited`, `connected` and `replied` are what the lead knows of the person.
    `again` counts how often the step was taken back before it was performed: what was
    called off at the gateway stays called off, so each time it has another name there.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    step_id: str
    kind: StepKind
    n: int = 1
    posts: int = 1
    invited: bool = False
    connected: bool = False
    replied: bool = False
    again: int = 0

    @property
    def action_id(self) -> str:
        """The action's name at the gateway: made from ids, never from an attempt.

        A step's id is whatever the customer drew: where it is too long, its hash stands for it,
        and no node that is drawn has an id like a hash. Read from its end a name is plain: a number
        is the post's, `again-` how often, and a kind is neither. What has been asked for once keeps
        its name in every release.

        A step that was drawn before that rule can have an id like a hash. Its name is another's
        only if it is the SHA-256 of another id of the same drawing, one that is too long: nobody
        draws that by chance. Who does has the gateway answer the second step as the first, so
        that something is left out and nobody is contacted twice.
        """
        name = self._named(self.step_id)
        is_short = len(name.encode("utf-16-le")) <= 2 * _LONGEST_ACTION_ID
        if is_short and len(name.encode()) <= _MOST_BYTES:
            return name
        return self._named(hashlib.sha256(self.step_id.encode()).hexdigest())

    def _named(self, step: str) -> str:
        name = f"{self.campaign_id}/{self.lead_id}/{step}/{self.kind}"
        name = f"{name}/again-{self.again}" if self.again else name
        return name if self.posts == 1 else f"{name}/{self.n}"


@dataclass(frozen=True, kw_only=True)
class StepPerformed:
    """What became of a step, or of one of its posts.

    `ended` is False while the step has more posts to go. `lead_failed` carries
    the reason when the lead cannot go on. `reassigned_to` is the account that the lead was
    given to instead, when nothing has been performed; `strangers` says that what the one
    before was to the lead, invited or connected, the new one is not. `invited` says that
    an invitation is out, `connected` that the person is connected to the account.
    `exit_name` names the exit by which a condition or a split is left.
    """

    outcome: StepOutcome
    at: datetime
    reason: str = ""
    ended: bool = True
    lead_failed: str = ""
    reassigned_to: str = ""
    strangers: bool = False
    invited: bool = False
    connected: bool = False
    exit_name: str = ""
    unpublished: tuple[CustomerEvent, ...] = ()
    """What a release of before handed back to be published; empty since."""


@dataclass(frozen=True, kw_only=True)
class CallOff:
    """Take back a step that waits for its turn; `reason` is why, if it comes to that.

    `by` is who asked for it, where somebody has.
    """

    step: PerformStep
    reason: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """A step was taken back before it was performed, or `performed` says that it was too late."""

    performed: StepPerformed | None = None


class LinkedInActivitiesContract:
    """What a lead asks of LinkedIn."""

    @activity.defn(name=PERFORM_STEP)
    async def perform_step(self, step: PerformStep) -> StepPerformed:
        """Perform a step and record what became of it."""
        no_body()

    @activity.defn(name="call_off_step")
    async def call_off_step(self, call_off: CallOff) -> StepPerformed:
        """Take back a step that waits for its turn, and record what is true of it."""
        no_body()

    @activity.defn(name="take_back_step")
    async def take_back_step(self, call_off: CallOff) -> TakenBack:
        """Take back a step that has changed; what it came to if it has ended."""
        no_body()
