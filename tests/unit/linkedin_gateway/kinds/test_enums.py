"""Every member of every enum goes through every table that is keyed by it."""

import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path

import linkedin_gateway
import pytest
from linkedin_gateway.actions.results import raise_result
from linkedin_gateway.controls.suppression_repository import COVERAGE
from linkedin_gateway.convert.accounts import account_message
from linkedin_gateway.convert.actions import action_message, asked_actions
from linkedin_gateway.convert.holds import hold_message, hold_scope
from linkedin_gateway.convert.suppressions import suppression_message
from linkedin_gateway.convert.values import KIND_NUMBERS, kind_of
from linkedin_gateway.errors import ActionFailed, ActionMustWait, action_failed
from linkedin_gateway.inbound.invitation_audit import Discrepancy, InvitationStatus
from linkedin_gateway.kinds.action_kind import NotFoundMeans
from linkedin_gateway.kinds.caps import binding_caps
from linkedin_gateway.kinds.invitation import NOTE_LIMITS
from linkedin_gateway.kinds.registry import (
    COOL_TOGETHER,
    KINDS,
    PRIORITY,
    PUBLIC,
    READS,
    REPLY_PRIORITY,
)
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import (
    AccountState,
    Action,
    ActionState,
    Effect,
    EnrolmentPolicy,
    Hold,
    HoldScope,
    InvitationScope,
    Invited,
    Kind,
    OwnerMessages,
    Product,
    SentInvitation,
    Suppression,
    SuppressionCoverage,
    Tier,
)
from linkedin_gateway.models.suppression_keys import Subject, masked, spelling_of
from linkedin_gateway.pace.eligibility import AfterOwner, after_owner, invited_before
from linkedin_gateway.pace.obstacles import cooling, describe, held, parked, slot_obstacle
from linkedin_gateway.pace.slots import Bound, Slot
from linkedin_gateway.people.aliases import CHANGES_HANDS, Alias, AliasKind, contradicts, product_of
from linkedin_gateway.sign_in.checkpoints import Checkpoint, instruction
from linkedin_gateway.sign_in.sign_in_repository import (
    FORGOTTEN,
    SIGN_INS,
    SignInRow,
    SignInState,
    Way,
    by_link,
)
from linkedin_gateway.storage.kind_conditions import IS_WRITE
from linkedin_gateway.unipile.error_table import MEANINGS, ErrorClass
from linkedin_gateway.unipile.transport import Answers, Timeouts
from outreach.linkedin.v1 import action_service_pb2 as pb
from outreach.linkedin.v1 import suppression_pb2

from tests.contracts.ledger import ACCOUNT, asked

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACTION = Action(
    action_id="a",
    organization_id="org_1",
    account_id="acct_1",
    campaign_id="c",
    lead_id="l",
    identifier="ada",
    person_id="per_ada",
    kind=Kind.MESSAGE,
    created_at=NOW,
)
WALKED = {
    NotFoundMeans,
    AccountState,
    ActionState,
    AfterOwner,
    AliasKind,
    Answers,
    Bound,
    Checkpoint,
    Discrepancy,
    Effect,
    EnrolmentPolicy,
    ErrorClass,
    HoldScope,
    InvitationScope,
    InvitationStatus,
    Kind,
    OwnerMessages,
    Product,
    SentInvitation,
    SignInState,
    Subject,
    SuppressionCoverage,
    Tier,
    Way,
}
"""Those with a test below."""


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(linkedin_gateway.__path__, "linkedin_gateway."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            yield module.name


def _sources() -> Iterator[str]:
    for path in Path(linkedin_gateway.__file__).parent.rglob("*.py"):
        yield path.read_text(encoding="utf-8")


def test_no_enum_is_forgotten() -> None:
    """An enum that is added is walked here."""
    found = {
        value
        for name in _modules()
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and issubclass(value, Enum) and value.__module__ == name
    }

    assert found == WALKED


@pytest.mark.parametrize(
    ("policy", "unanswered", "answered"),
    [
        (OwnerMessages.END, AfterOwner.ENDS, AfterOwner.ENDS),
        (OwnerMessages.PAUSE_UNTIL_ANSWERED, AfterOwner.WAITS, AfterOwner.GOES),
        (OwnerMessages.CONTINUE, AfterOwner.GOES, AfterOwner.GOES),
    ],
)
def test_owner_messages(
    policy: OwnerMessages, unanswered: AfterOwner, answered: AfterOwner
) -> None:
    """A policy says what goes on, whether or not there is an answer; it has its number."""
    request = replace(asked(), owner_messages=policy)
    hour = timedelta(hours=1)

    assert pb.OwnerMessages.Value(f"OWNER_MESSAGES_{policy.name}")
    assert after_owner(request, wrote_at=None, answered_at=None) is AfterOwner.GOES
    assert after_owner(request, wrote_at=NOW, answered_at=None) is unanswered
    assert after_owner(request, wrote_at=NOW, answered_at=NOW - hour) is unanswered
    assert after_owner(request, wrote_at=NOW, answered_at=NOW + hour) is answered


@pytest.mark.parametrize("kind", Kind)
def test_kinds(kind: Kind) -> None:
    """A kind has its rank, its caps, its rest and its words; a public one its number."""
    assert KINDS[kind].kind is kind
    assert REPLY_PRIORITY[kind] <= PRIORITY[kind]
    assert kind in COOL_TOGETHER[kind]
    assert kind.value in cooling(kind, NOW).description
    assert (kind in KIND_NUMBERS) is (kind in PUBLIC)
    assert kind not in KIND_NUMBERS or kind_of(KIND_NUMBERS[kind]) is kind


@pytest.mark.parametrize("tier", Tier)
def test_tiers(tier: Tier) -> None:
    """A plan has caps for every kind, a length of notes and a number."""
    assert NOTE_LIMITS[tier]
    assert all(binding_caps(kind, tier=tier, noted=True) for kind in Kind)
    assert account_message(replace(ACCOUNT, tier=tier)).tier


@pytest.mark.parametrize("state", AccountState)
def test_account_states(state: AccountState) -> None:
    """A state of an account has a number and is told to whom it stands in the way of."""
    assert account_message(replace(ACCOUNT, state=state)).state
    assert state.value in parked(state).description


@pytest.mark.parametrize("state", ActionState)
def test_action_states(state: ActionState) -> None:
    """A state of an action has a number, and an end in it is told to who asked."""
    ended = AttemptResult(state=state, reason="NO_POSTS")

    told = action_message(replace(ACTION, state=state)).state
    assert asked_actions(pb.ListActionsRequest(state=told)).equal == {"state": state.name}
    if state is ActionState.DONE:
        raise_result(ended, now=NOW)
    else:
        with pytest.raises((ActionFailed, ActionMustWait)):
            raise_result(ended, now=NOW)


@pytest.mark.parametrize("effect", Effect)
def test_effects(effect: Effect) -> None:
    """What a refusal ends is told with it."""
    assert action_failed("NO_POSTS", effect=effect).metadata == {"effect": effect.value}


@pytest.mark.parametrize("scope", HoldScope)
def test_hold_scopes(scope: HoldScope) -> None:
    """A scope has words and a number, by which it can be asked for."""
    hold = Hold(scope=scope, subject_id="visit", reason="", created_at=NOW)

    assert held(scope).description
    assert hold_scope(hold_message(hold).scope, "visit")[0] is scope


@pytest.mark.parametrize("scope", InvitationScope)
def test_invitation_scopes(scope: InvitationScope) -> None:
    """Whatever the scope, an open invitation of the campaign itself stands in the way."""
    open_one = Invited(account_id="acct_1", campaign_id="c", at=NOW)
    request = replace(ACTION, kind=Kind.INVITATION)

    assert invited_before(request, [open_one], scope, now=NOW) == "ALREADY_INVITED"


@pytest.mark.parametrize("policy", EnrolmentPolicy)
def test_enrolment_policies(policy: EnrolmentPolicy) -> None:
    """Whom another campaign works on waits, ends or goes on: one of these, never a default."""
    assert not (policy.waits and policy.ends)
    assert (policy.waits or policy.ends) == (policy is not EnrolmentPolicy.ALLOW)


@pytest.mark.parametrize("bound", Bound)
def test_bounds(bound: Bound) -> None:
    """Whatever determines a turn can be told."""
    assert slot_obstacle(Slot(at=NOW, bound=bound)).description
    assert describe(bound) != bound.value


@pytest.mark.parametrize("subject", Subject)
def test_subjects(subject: Subject) -> None:
    """Whomever a suppression covers, it is compared, shown and listed."""
    label = "ada@example.com" if subject is Subject.EMAIL else "example.com"
    row = Suppression(
        suppression_id="s",
        organization_id="org_1",
        subject=subject.value,
        key="k",
        label=label,
        reason="",
        created_at=NOW,
    )

    assert spelling_of(subject, label)
    assert masked(subject, label)
    assert label in str(suppression_message(row))


@pytest.mark.parametrize("checkpoint", Checkpoint)
def test_checkpoints(checkpoint: Checkpoint) -> None:
    """An owner reads what to do about each checkpoint that can be passed here."""
    assert instruction(checkpoint, "", (("1", "A contract"),)).endswith(".")


@pytest.mark.parametrize("error_class", ErrorClass)
def test_error_classes(error_class: ErrorClass) -> None:
    """Every class is what some error of the reference means."""
    assert any(each.error_class is error_class for each in MEANINGS.values())


@pytest.mark.parametrize("absent", NotFoundMeans)
def test_what_is_absent(absent: NotFoundMeans) -> None:
    """Everything that can be absent is what some kind misses."""
    assert any(each.absent is absent for each in KINDS.values())


@pytest.mark.parametrize("answers", Answers)
def test_answers(answers: Answers) -> None:
    """Whoever answers a call, it ends."""
    timeouts = Timeouts(linkedin=timedelta(seconds=60), store=timedelta(seconds=20))

    assert timeouts.of(answers) > 0


def test_sql_knows_the_reads() -> None:
    """SQL names the reads where an index does; it names all of them and nothing else."""
    listed = {
        frozenset(re.findall(r"'(\w+)'", found))
        for source in _sources()
        for found in re.findall(r"kind NOT IN \(([^){]*)\)", source)
    }

    assert listed == {frozenset(kind.value for kind in READS)}
    assert set(re.findall(r"'(\w+)'", IS_WRITE)) == {kind.value for kind in READS}


@pytest.mark.parametrize("coverage", SuppressionCoverage)
def test_coverage(coverage: SuppressionCoverage) -> None:
    """Whom a suppression covers has a word on the wire, and a statement that decides on it."""
    member = f"SUPPRESSION_COVERAGE_{coverage.name}"

    assert suppression_pb2.SuppressionCoverage.Value(member)
    assert f"'{coverage.value}'" in COVERAGE


@pytest.mark.parametrize("product", Product)
def test_products(product: Product) -> None:
    """Ids of a product are known by how they begin."""
    begins = {
        Product.CLASSIC: "ACoAA",
        Product.SALES_NAVIGATOR: "ACwAA",
        Product.RECRUITER: "AEMAA",
    }

    assert product_of(begins[product] + "x" * 20) is product


@pytest.mark.parametrize("invitation", SentInvitation)
def test_sent_invitations(invitation: SentInvitation) -> None:
    """A refusal is one person's only where their profile shows why."""
    shows = {SentInvitation.PENDING, SentInvitation.WITHDRAWN}

    assert invitation.explains_refusal is (invitation in shows)


@pytest.mark.parametrize("status", InvitationStatus)
def test_invitation_statuses(status: InvitationStatus) -> None:
    """What is open ends no invitation; what is missing does, so that it counts once."""
    assert status.ended is (status is not InvitationStatus.OPEN)
    assert status.missing is (status is InvitationStatus.GONE)


@pytest.mark.parametrize("kind", AliasKind)
def test_alias_kinds(kind: AliasKind) -> None:
    """What changes hands tells nobody apart."""
    known, seen = Alias(kind=kind, value="1"), Alias(kind=kind, value="2")

    assert not (CHANGES_HANDS[kind] and contradicts([known], [seen]))


@pytest.mark.parametrize("state", SignInState)
def test_sign_in_states(state: SignInState) -> None:
    """Only a sign-in whose account is still to be registered outlives its time."""
    assert FORGOTTEN[state] is (state is not SignInState.SIGNED_IN)
    assert state.waits is (state is SignInState.OPEN)


@pytest.mark.parametrize("way", [*Way, *Checkpoint])
def test_ways(way: Way | Checkpoint) -> None:
    """A way to sign in is by link or not, and is kept as itself."""
    sign_in = SignInRow(
        token_hash="t",
        organization_id="org_1",
        account_id="acct_1",
        unipile_account_id="u",
        kind=way,
        state=SignInState.OPEN,
        created_at=NOW,
        expires_at=NOW,
    )

    assert by_link(way) is (way is Way.LINK)
    assert SIGN_INS.read(SIGN_INS.values(sign_in)) == sign_in
