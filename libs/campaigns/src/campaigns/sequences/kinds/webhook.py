"""Call a webhook of the customer's. Pure."""

from campaigns.sequences.durations import describe_duration
from campaigns.sequences.kinds.kind_rules import KindRules, names
from campaigns.sequences.sequence import Step


def _describe(step: Step) -> str:
    later = f", {describe_duration(step.wait_for)} later" if step.wait_for else ""
    return f"Call the webhook{later}"


WEBHOOK = KindRules(
    describe=_describe,
    settings=names("webhookId integrationId targetUrl typeId integrationName timeDelay"),
    older_names=names("notify_webhook"),
)
