"""From a step to the request that performs it. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from campaigns.answers import AutomaticReplies, OwnerMessages
from campaigns.models import Campaign, CampaignSettings, Lead, SendingWindow
from campaigns.person_day import kept_zone
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import GatewayAction, Step
from campaigns.texts.lengths import within
from google.protobuf.duration_pb2 import Duration
from outreach.common.v1 import sending_window_pb2
from outreach.linkedin.v1 import action_service_pb2, person_pb2, person_service_pb2
from servicekit.tables import total

_LONGEST_EMAIL = 320
_LONGEST_COMPANY = 500
_OWNER_MESSAGES = total(
    OwnerMessages,
    {
        OwnerMessages.END: action_service_pb2.OWNER_MESSAGES_END,
        OwnerMessages.PAUSE_UNTIL_ANSWERED: action_service_pb2.OWNER_MESSAGES_PAUSE_UNTIL_ANSWERED,
        OwnerMessages.CONTINUE: action_service_pb2.OWNER_MESSAGES_CONTINUE,
    },
)


@dataclass(frozen=True, kw_only=True)
class StepText:
    """The text of a step for one lead, and the post that it is about, if it is about one."""

    text: str = ""
    post_id: str = ""


def perform_action(
    action_id: str, *, campaign: Campaign, lead: Lead, step: Step, text: StepText
) -> action_service_pb2.PerformActionRequest:
    """The request for a step that does something on LinkedIn.

    A step that is meant for silence alone is refused by the gateway once the
    person has written, even where the campaign goes on after a reply. Raises
    `ValueError` for a step that the gateway has no part in.
    """
    request = action_service_pb2.PerformActionRequest(
        action_id=action_id,
        organization_id=campaign.organization_id,
        account_id=lead.account_id,
        campaign_id=campaign.id,
        lead_id=lead.id,
        person=person(lead),
        weight=1,
        continue_after_reply=campaign.settings.continue_after_reply and not step.only_if_no_reply,
        contact_responders=campaign.settings.contact_responders,
    )
    settings = campaign.settings
    request.owner_messages = _OWNER_MESSAGES[settings.owner_messages]
    match settings.automatic_replies:
        case AutomaticReplies.END:
            # As any reply; without a wait the gateway takes it for one.
            pass
        case AutomaticReplies.IGNORE:
            request.automatic_reply_wait.FromTimedelta(timedelta())
        case AutomaticReplies.WAIT:
            request.automatic_reply_wait.FromTimedelta(settings.automatic_reply_wait)
        case _:
            assert_never(settings.automatic_replies)
    window = settings.sending_window
    request.person_time_zone = kept_zone(lead.person.time_zone, window)
    if window is not None:
        request.sending_window.CopyFrom(_window(window))
    _add_action(request, step, text, settings)
    return request


def list_posts(campaign: Campaign, lead: Lead, step: Step) -> person_service_pb2.ListPostsRequest:
    """The request for the posts of the lead that are recent enough for the step."""
    return person_service_pb2.ListPostsRequest(
        account_id=lead.account_id,
        campaign_id=campaign.id,
        lead_id=lead.id,
        person=person(lead),
        recent_within=_recent_within(step),
    )


def get_profile(campaign: Campaign, lead: Lead) -> person_service_pb2.GetProfileRequest:
    """The request for what LinkedIn shows of the lead."""
    return person_service_pb2.GetProfileRequest(
        account_id=lead.account_id,
        campaign_id=campaign.id,
        lead_id=lead.id,
        person=person(lead),
    )


def person(lead: Lead) -> person_pb2.Person:
    """The lead as a person, with what suppressions may know them by."""
    return person_pb2.Person(
        public_identifier=lead.person.public_identifier,
        email=within(lead.person.email, _LONGEST_EMAIL),
        company=within(lead.person.company, _LONGEST_COMPANY),
    )


def _add_action(
    request: action_service_pb2.PerformActionRequest,
    step: Step,
    text: StepText,
    settings: CampaignSettings,
) -> None:
    action = KINDS[step.kind].action
    match action:
        case GatewayAction.VISIT:
            request.visit_profile.SetInParent()
        case GatewayAction.REACTION:
            request.react_to_post.recent_within.CopyFrom(_recent_within(step))
        case GatewayAction.COMMENT:
            request.comment_on_post.text = text.text
            request.comment_on_post.post_id = text.post_id
            request.comment_on_post.recent_within.CopyFrom(_recent_within(step))
        case GatewayAction.INVITATION:
            request.send_invitation.SetInParent()
            request.send_invitation.note = text.text
            request.send_invitation.leave_received = settings.leave_received_invitations
        case GatewayAction.MESSAGE:
            request.send_message.text = text.text
            request.send_message.only_if_no_reply = step.only_if_no_reply
        case GatewayAction.INMAIL:
            request.send_inmail.text = text.text
        case GatewayAction.WITHDRAWAL:
            request.withdraw_invitation.SetInParent()
        case None:
            raise ValueError(f"a {step.kind} is no action of LinkedIn")
        case _:
            assert_never(action)


def _recent_within(step: Step) -> Duration:
    duration = Duration()
    duration.FromTimedelta(step.recent_within)
    return duration


def _window(window: SendingWindow) -> sending_window_pb2.SendingWindow:
    return sending_window_pb2.SendingWindow(
        time_zone=window.time_zone,
        weekdays=[sending_window_pb2.Weekday.ValueType(day) for day in window.weekdays],
        opens=window.opens.isoformat("minutes"),
        closes=window.closes.isoformat("minutes"),
    )
