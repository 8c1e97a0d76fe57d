"""Protos <-> models of previews and experiments."""

from automation.optimisation.looks import Experiment
from campaigns.texts.lengths import length
from outreach.campaign.v1 import experiment_pb2, preview_pb2, sequence_pb2

from campaign_api.queries.message_previews import LeadPreview, MessagePreview


def lead_preview_to_proto(preview: LeadPreview) -> preview_pb2.LeadPreview:
    lead = preview.lead
    return preview_pb2.LeadPreview(
        lead_id=lead.id,
        public_identifier=lead.person.public_identifier,
        first_name=lead.person.first_name,
        last_name=lead.person.last_name,
        account_id=preview.sender.account_id,
        account_name=preview.sender.name,
        account_assigned=bool(lead.account_id),
        held_back_reason=lead.reason if preview.held_back else "",
        held_back_detail=lead.detail if preview.held_back else "",
        messages=[_message_to_proto(message) for message in preview.messages],
    )


def _message_to_proto(message: MessagePreview) -> preview_pb2.MessagePreview:
    step = message.step
    return preview_pb2.MessagePreview(
        step_id=step.step_id,
        index=step.index,
        kind=sequence_pb2.StepKind.Value(f"STEP_KIND_{step.kind.name}"),
        label=step.label,
        number=message.number,
        text=message.said.text,
        source=preview_pb2.TextSource.Value(f"TEXT_SOURCE_{message.source.name}"),
        length=length(message.said.text),
        longest=message.longest,
        missing_variables=message.said.missing,
        variant=message.variant,
        choices=[
            preview_pb2.ChoiceTaken(choice=choice, option=option)
            for choice, option in message.said.choices.items()
        ],
        remark=message.remark,
    )


def experiment_to_proto(experiment: Experiment) -> experiment_pb2.Experiment:
    plan, verdict = experiment.plan, experiment.verdict
    converted = experiment_pb2.Experiment(
        step_id=experiment.step_id,
        measure=experiment_pb2.ExperimentMeasure.Value(f"EXPERIMENT_MEASURE_{plan.measure.name}"),
        state=experiment_pb2.ExperimentState.Value(f"EXPERIMENT_STATE_{verdict.state.name}"),
        winner=verdict.winner,
        decided_at_look=verdict.look,
        refused=verdict.refused,
        leads_per_variant=experiment.leads_per_variant,
        error_rate=plan.error_rate,
        power=plan.power,
        baseline=plan.baseline,
        effect=plan.effect,
        variants=[
            experiment_pb2.VariantTally(
                variant=tally.variant,
                sent=tally.sent,
                accepted=tally.accepted,
                replied=tally.replied,
                judged=tally.judged,
                successes=tally.successes,
                opted_out=tally.opted_out,
            )
            for tally in experiment.tallies
        ],
        comparisons=[
            experiment_pb2.VariantComparison(
                better=each.better, worse=each.worse, p_value=each.p_value
            )
            for each in verdict.comparisons
        ],
        looks=[
            experiment_pb2.ExperimentLook(leads=look.leads, error_rate=look.error_rate)
            for look in experiment.looks
        ],
    )
    converted.within.FromTimedelta(plan.within)
    return converted
