"""Every member of every enum goes through every table that is keyed by it."""

import itertools
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from importlib import import_module
from types import ModuleType

import campaigns
import outreach_worker
import pytest
from campaign_api.convert.operations import operation_to_proto
from campaigns.admission import AdmissionRule, Line, opening
from campaigns.answers import AutomaticReplies, OwnerMessages, ReplyScope
from campaigns.builder.compiler import compile_sequence
from campaigns.builder.graph import Branch
from campaigns.builder.options import AI_SETTINGS
from campaigns.builder.outlook import WHY_IN_VAIN, Standing
from campaigns.builder.settings import OLDER_SETTINGS
from campaigns.builder.variants import _BASELINES
from campaigns.lead_list_import import ImportPhase, LeadListImport
from campaigns.leads.address_columns import _Claim
from campaigns.leads.beginnings import Likeness
from campaigns.leads.excel.sheets import Says
from campaigns.models import (
    CampaignSettings,
    CampaignState,
    ConnectionState,
    LeadAdmission,
    LeadState,
    MessageAuthor,
    ParkedSenders,
    StepState,
)
from campaigns.outbox.taken_events import Postponement
from campaigns.parking import ParkedBecause, why_parked
from campaigns.repositories.admission.release import (
    LeadStanding,
    ReleaseAnswer,
    ToRelease,
    answer_to,
)
from campaigns.senders.replacement import Contact, ContactedLeads, Replaced, ReplacementPolicy
from campaigns.sequences.descriptions import (
    describe_passage,
    describe_step,
    ways_out,
)
from campaigns.sequences.experiment import ExperimentState, Measure
from campaigns.sequences.kinds.kind_rules import AfterReply, Posts
from campaigns.sequences.kinds.paths import describe_question
from campaigns.sequences.kinds.registry import CONTACTS, KIND_BY_NAME, KINDS, TEXTUAL, longest_text
from campaigns.sequences.mermaid import sequence_as_mermaid
from campaigns.sequences.sequence import (
    AiOptions,
    Condition,
    Exit,
    GatewayAction,
    Question,
    Sequence,
    Step,
    StepCategory,
    StepKind,
    StepOutcome,
    exit_taken,
    next_turn,
)
from campaigns.settings_json import settings_from_json, settings_to_json
from campaigns.status_counts import FUNNEL
from campaigns.texts.names.evidence import NameOrder, Weight, evidence_of
from campaigns.texts.names.lexicon import LEXICONS, Meaning
from campaigns.texts.names.name_order import NameColumn, read_name
from campaigns.texts.writing import writing_task
from campaigns.workflow.search_attributes import lead_state
from devstack.demo import formatting
from devstack.demo.consistency import _FUNNEL_BY_STEP, _JOURNAL_KIND_BY_FUNNEL
from devstack.demo.flow import _PER_WEEK
from devstack.demo.formatting import _STEPS
from devstack.demo.journal import RULES
from linkedin_gateway.kinds.registry import KINDS as GATEWAY_KINDS
from linkedin_gateway.models import Kind
from outreach.campaign.v1 import (
    campaign_pb2,
    experiment_pb2,
    lead_pb2,
    operation_pb2,
    sequence_pb2,
)
from outreach.common.v1 import error_reason_pb2
from outreach.linkedin.v1 import action_pb2
from outreach_worker.bug_policy import AFTER_BUG_BY_WORKFLOW, AfterBug
from outreach_worker.events.contracts import LEAD_COMPLETED, CustomerEvent
from outreach_worker.events.snapshots import event_to_proto
from outreach_worker.programs.contracts import Beginning
from outreach_worker.programs.frame import _OUTCOMES
from outreach_worker.senders.capacities import _ACTION_KINDS
from outreach_worker.settings import Training
from outreach_worker.steps.gateway_requests import StepText, perform_action
from outreach_worker.steps.recorder import _STATES
from servicekit.tables import total

from tests.unit.outreach_worker.steps.test_gateway_requests import CAMPAIGN, LEAD, NOON

WALKED = {
    _Claim,
    Training,
    Beginning,
    AdmissionRule,
    AfterBug,
    ParkedBecause,
    AfterReply,
    AutomaticReplies,
    Branch,
    CampaignState,
    ConnectionState,
    Contact,
    ContactedLeads,
    ExperimentState,
    GatewayAction,
    ImportPhase,
    LeadAdmission,
    LeadState,
    Likeness,
    Says,
    Meaning,
    Measure,
    NameOrder,
    OwnerMessages,
    ParkedSenders,
    Postponement,
    MessageAuthor,
    Posts,
    Question,
    ReleaseAnswer,
    ReplyScope,
    Standing,
    StepCategory,
    StepKind,
    StepOutcome,
    StepState,
    Weight,
}


def enums(package: ModuleType) -> Iterator[type[Enum]]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if "migrations" in module.name or module.name.endswith("__main__"):
            continue
        for found in vars(import_module(module.name)).values():
            is_enum = isinstance(found, type) and issubclass(found, Enum) and bool(list(found))
            if is_enum and found.__module__.startswith(package.__name__):
                yield found


def step(kind: StepKind) -> Step:
    """A step of this kind with everything that one may have."""
    step = Step(step_id="s", index=0, kind=kind, condition=Condition(question=Question.REPLIED))
    if kind.category in {StepCategory.CONDITION, StepCategory.SPLIT}:
        return replace(step, exits=(Exit(name="yes"), Exit(name="no")))
    return step


def test_no_enum_is_forgotten() -> None:
    """Who adds an enum adds its walk here."""
    assert {*enums(campaigns), *enums(outreach_worker)} == WALKED


def test_every_beginning_of_a_run_comes_to_something() -> None:
    """But the one that goes on."""
    assert {*_OUTCOMES, Beginning.BEGUN} == {*Beginning}


def test_a_table_that_misses_a_member_does_not_import() -> None:
    """The tables say so by themselves, at import."""
    with pytest.raises(TypeError, match="nothing is said about REPLIED"):
        total(Measure, {Measure.ACCEPTED: 1})


@pytest.mark.parametrize("kind", StepKind)
def test_step_kinds_in_the_sequence(kind: StepKind) -> None:
    """A kind has its rules, names, words, ways out, picture, and number in the contract."""
    rules, one = KINDS[kind], step(kind)

    assert KIND_BY_NAME[kind.value] is kind
    assert all(KIND_BY_NAME[name] is kind for name in rules.older_names)
    assert describe_step(one)
    assert bool(describe_passage(one, "yes")) == (
        kind.category in {StepCategory.WAIT, StepCategory.CONDITION, StepCategory.SPLIT}
    )
    assert len(ways_out(one)) == max(1, len(one.exits))
    assert bool(exit_taken(one, lead_id="lead_1", answer=True)) == bool(one.exits)
    assert "Lead" in sequence_as_mermaid(Sequence(steps=(one,)))
    assert sequence_pb2.StepKind.Value(f"STEP_KIND_{kind.name}")


@pytest.mark.parametrize("kind", StepKind)
def test_step_kinds_in_the_builder(kind: StepKind) -> None:
    """A drawing of one node of the kind compiles, or says what is missing in it."""
    drawing = f'{{"nodes": [{{"id": "n", "type": "action", "data": {{"type": "{kind}"}}}}]}}'

    compiled = compile_sequence(drawing, writer_configured=False)

    assert not {each.reason for each in compiled.violations} & {
        "NODE_TYPE_UNKNOWN",
        "NODE_TYPE_UNSUPPORTED",
    }


@pytest.mark.parametrize("kind", StepKind)
def test_step_kinds_at_the_gateway(kind: StepKind) -> None:
    """A kind is an action exactly if the gateway has one for it."""
    rules = KINDS[kind]

    assert (rules.action is not None) == (kind.category is StepCategory.ACTION)
    assert (kind in CONTACTS) == (rules.action is not None)
    assert rules.text is None or rules.action is not None
    if rules.action is None:
        with pytest.raises(ValueError, match="is no action"):
            perform_action("r", campaign=CAMPAIGN, lead=LEAD, step=step(kind), text=StepText())
        return
    request = perform_action("r", campaign=CAMPAIGN, lead=LEAD, step=step(kind), text=StepText())
    assert request.WhichOneof("action")


@pytest.mark.parametrize("kind", StepKind)
def test_step_kinds_in_numbers(kind: StepKind) -> None:
    """What the gateway does is counted, in the funnel and by the demo's journal."""
    funnel, number = KINDS[kind].funnel, sequence_pb2.StepKind.Value(f"STEP_KIND_{kind.name}")

    assert bool(funnel) == (kind.category is StepCategory.ACTION)
    assert _FUNNEL_BY_STEP.get(number, "") == funnel
    assert (funnel in _JOURNAL_KIND_BY_FUNNEL) == bool(funnel)
    assert (kind in _PER_WEEK) == (KINDS[kind].action is not None and KINDS[kind].per_lead)
    assert _STEPS[number]


def test_the_funnel_in_numbers() -> None:
    """What is counted is in the contract, and the demo shows all of it."""
    assert {*FUNNEL} == {*campaign_pb2.Funnel.DESCRIPTOR.fields_by_name}
    assert {*formatting.FUNNEL, *formatting.FUNNEL_AFTERWARDS} == {*FUNNEL}


@pytest.mark.parametrize("action", GatewayAction)
def test_gateway_actions_in_the_journal(action: GatewayAction) -> None:
    """The demo holds every action against its caps, and against its ceiling if it has one."""
    number = action_pb2.ActionKind.Value(f"ACTION_KIND_{action.name}")
    journal = {rules.action: kind for kind, rules in RULES.items()}
    ceiling = GATEWAY_KINDS[Kind(action.name.lower())].ceiling

    assert RULES[journal[number]].ceiling == ceiling
    assert journal[number] in _JOURNAL_KIND_BY_FUNNEL.values()


@pytest.mark.parametrize("kind", TEXTUAL)
def test_step_kinds_with_a_text(kind: StepKind) -> None:
    """A text has a place in the builder, a limit, and a task for whoever writes it."""
    rules = TEXTUAL[kind]

    assert KINDS[kind].settings >= set(rules.settings)
    assert KINDS[kind].settings >= set(rules.writer.switches)
    assert longest_text(kind, pays=False) <= longest_text(kind, pays=True)
    assert set(rules.writer.lengths) == {"short", "medium", "long"}
    assert rules.writer.task in writing_task(kind, AiOptions(), LEAD.person).rules


def test_settings_of_the_builder() -> None:
    """Every setting that is read belongs to a kind."""
    offered = frozenset().union(*(rules.settings for rules in KINDS.values()))

    assert offered >= AI_SETTINGS
    assert offered >= OLDER_SETTINGS


@pytest.mark.parametrize("action", GatewayAction)
def test_gateway_actions(action: GatewayAction) -> None:
    """An action is asked for by one kind, and has its number in the gateway's contract."""
    assert [rules.action for rules in KINDS.values()].count(action) == 1
    assert action_pb2.ActionKind.Name(_ACTION_KINDS[action]) == f"ACTION_KIND_{action.name}"


@pytest.mark.parametrize("posts", Posts)
def test_posts(posts: Posts) -> None:
    """Some kind is about posts in each of these ways."""
    assert posts in {rules.posts for rules in KINDS.values()}


@pytest.mark.parametrize("after_reply", AfterReply)
def test_after_a_reply(after_reply: AfterReply) -> None:
    """Some kind means each of these."""
    assert after_reply in {rules.after_reply for rules in KINDS.values()}


@pytest.mark.parametrize("category", StepCategory)
def test_categories(category: StepCategory) -> None:
    """No category is without a kind."""
    assert category in {kind.category for kind in StepKind}


@pytest.mark.parametrize("question", Question)
def test_questions(question: Question) -> None:
    """A question has words and its number; the worker's answers are integration-tested."""
    asking = Condition(question=question, variable="x", value="y")

    assert describe_question(replace(step(StepKind.CONDITION), condition=asking))
    assert sequence_pb2.Question.Value(f"QUESTION_{question.name}")


@pytest.mark.parametrize("outcome", StepOutcome)
@pytest.mark.parametrize("kind", StepKind)
def test_outcomes(outcome: StepOutcome, kind: StepKind) -> None:
    """Whatever a step comes to, its row has a state and the path goes on or ends."""
    one = step(kind)

    exit_name = exit_taken(one, lead_id="lead_1", answer=False)

    assert _STATES[outcome]
    assert next_turn(Sequence(steps=(one,)), one, outcome, at=NOON, exit_name=exit_name) is None


@pytest.mark.parametrize("state", StepState)
def test_step_states(state: StepState) -> None:
    """A state of a step has its number in the contract."""
    assert lead_pb2.StepState.Value(f"STEP_STATE_{state.name}")


@pytest.mark.parametrize("standing", Standing)
def test_what_is_in_vain(standing: Standing) -> None:
    """Why a step is in vain for who stands so is said in a warning."""
    reason, description = WHY_IN_VAIN[standing]

    assert reason.isupper()
    assert description.endswith(".")


@pytest.mark.parametrize("because", ParkedBecause)
def test_what_parks_a_lead(because: ParkedBecause) -> None:
    """A kind of fault is a reason of the contract, and said in a sentence."""
    assert error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{because}")
    assert why_parked(because, "perform_step").endswith(".")


def test_what_follows_a_bug() -> None:
    """Nothing is decided that no workflow comes to."""
    assert {*AFTER_BUG_BY_WORKFLOW.values()} == {*AfterBug}


@pytest.mark.parametrize("state", LeadState)
def test_lead_states(state: LeadState) -> None:
    """A state of a lead has its number, and can be looked for at Temporal."""
    assert lead_pb2.LeadState.Value(f"LEAD_STATE_{state.name}")
    assert lead_state(state).value == state


@pytest.mark.parametrize("phase", ImportPhase)
def test_phases_of_imports(phase: ImportPhase) -> None:
    """Each is a state of an operation, which is over when its upload comes to nothing more."""
    imported = LeadListImport(
        import_id="imp_1",
        organization_id="org_1",
        campaign_id="camp_1",
        created_at=NOON,
        ended_at=None if phase.goes_on else NOON,
        phase=phase,
    )
    told = operation_to_proto(imported)

    assert operation_pb2.OperationState.Name(told.state)
    assert told.done is not phase.goes_on
    assert told.state != operation_pb2.OPERATION_STATE_UNSPECIFIED


@pytest.mark.parametrize("state", CampaignState)
def test_campaign_states(state: CampaignState) -> None:
    """A state of a campaign has its number in the contract."""
    assert campaign_pb2.CampaignState.Value(f"CAMPAIGN_STATE_{state.name}")


@pytest.mark.parametrize("connection", ConnectionState)
def test_connections(connection: ConnectionState) -> None:
    """A connection has its number, and a word that customers read."""
    event = CustomerEvent(type=LEAD_COMPLETED, campaign_id="camp_1", lead_id="lead_1", at=NOON)
    lead = replace(LEAD, connection=connection)

    assert lead_pb2.ConnectionState.Value(f"CONNECTION_STATE_{connection.name}")
    assert event_to_proto(event, campaign=CAMPAIGN, lead=lead, step=None).lead.connection_status


@pytest.mark.parametrize(
    "setting", [*AutomaticReplies, *LeadAdmission, *OwnerMessages, *ParkedSenders, *ReplyScope]
)
def test_settings(
    setting: AutomaticReplies | LeadAdmission | OwnerMessages | ParkedSenders | ReplyScope,
) -> None:
    """A setting is kept as it was, and does not keep a request from being made."""
    name = {
        AutomaticReplies: "automatic_replies",
        LeadAdmission: "admission",
        OwnerMessages: "owner_messages",
        ParkedSenders: "parked_senders",
        ReplyScope: "reply_scope",
    }[type(setting)]
    settings = replace(CampaignSettings(), **{name: setting})
    campaign = replace(CAMPAIGN, settings=settings)
    visit = step(StepKind.PROFILE_VISIT)

    assert settings_from_json(settings_to_json(settings)) == settings
    assert perform_action("r", campaign=campaign, lead=LEAD, step=visit, text=StepText())
    assert opening(settings, Line(running=0, started_today=0), NOON).room > 0


@pytest.mark.parametrize("answer", ReleaseAnswer)
def test_answers_to_a_release(answer: ReleaseAnswer) -> None:
    """Each is what becomes of some lead."""
    ways = itertools.product((True, False), repeat=3)
    leads = [
        None,
        *(LeadStanding(is_ready=ready, is_held=held, is_released=out) for ready, held, out in ways),
    ]
    asked = [ToRelease(lead_id="lead_1", account_id=each) for each in ("acct_1", "acct_x", "")]

    answers = {answer_to(one, lead, ["acct_1"]) for one in asked for lead in leads}

    assert answer in answers


@pytest.mark.parametrize("setting", OwnerMessages)
def test_what_an_owner_writes(setting: OwnerMessages) -> None:
    """It ends the lead, pauses it, or means nothing: one of these, never a default."""
    assert not (setting.ends and setting.pauses)
    assert (setting.ends or setting.pauses) == (setting is not OwnerMessages.CONTINUE)


@pytest.mark.parametrize("measure", Measure)
def test_measures(measure: Measure) -> None:
    """A measure has a baseline, and its number in the contract."""
    assert 0 < _BASELINES[measure] < 1
    assert experiment_pb2.ExperimentMeasure.Value(f"EXPERIMENT_MEASURE_{measure.name}")


@pytest.mark.parametrize("state", ExperimentState)
def test_experiment_states(state: ExperimentState) -> None:
    """A state of an experiment has its number in the contract."""
    assert experiment_pb2.ExperimentState.Value(f"EXPERIMENT_STATE_{state.name}")


def test_branches() -> None:
    """Branches are numbered in the order in which their followers are."""
    assert sorted(Branch, key=lambda branch: branch.value) == [Branch.NEXT, Branch.YES, Branch.NO]


@pytest.mark.parametrize("contacted", list(ContactedLeads))
@pytest.mark.parametrize("connected", list(ContactedLeads))
def test_whatever_is_asked_every_lead_becomes_one_thing(
    contacted: ContactedLeads, connected: ContactedLeads
) -> None:
    """By each policy each lead of a replaced sender is counted once; who is a stranger moves."""
    policy = ReplacementPolicy(contacted=contacted, connected=connected)
    replaced = Replaced(lead_ids={each: (each.value,) for each in Contact}, policy=policy)

    became = {each: set(replaced.which(each)) for each in ContactedLeads}

    assert sorted(lead for leads in became.values() for lead in leads) == sorted(Contact)
    assert Contact.NONE in became[ContactedLeads.MOVE]
    for contact in Contact:
        assert [replaced.count(contact, each) for each in ContactedLeads].count(1) == 1


@pytest.mark.parametrize("order", NameOrder)
def test_orders_of_names(order: NameOrder) -> None:
    """A column of each says who is greeted how."""
    known = read_name("Quill Ada", NameColumn(order=order, is_told=True))

    greeted = {NameOrder.GIVEN_FIRST: "Quill", NameOrder.FAMILY_FIRST: "Ada"}
    assert (known.given if known else None) == greeted.get(order)


def test_meanings_of_words_of_names() -> None:
    """There is a word of each, and a name that tells as much."""
    words = ("Kovács", "Anna", "László", "Istvánné", "Zebulon")
    names = ("Kovács Anna", "Kovács Zebulon", "Zebulon Anna")
    told = [evidence_of(name.split(), "hu") for name in names]

    assert [LEXICONS["hu"].meaning(word) for word in words] == [*Meaning]
    assert [each.weight for each in told if each] == [*Weight]
