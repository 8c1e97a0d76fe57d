"""What can be wrong with a request about campaigns and leads."""

from servicekit.errors import FailedPrecondition, InvalidArgument, NotFound


class CampaignNotFound(NotFound):
    """There is no such campaign."""

    reason = "CAMPAIGN_NOT_FOUND"


class LeadNotFound(NotFound):
    """There is no such lead in this campaign."""

    reason = "LEAD_NOT_FOUND"


class PersonUnreadable(FailedPrecondition):
    """What is known of the person does not open."""

    reason = "PERSON_UNREADABLE"


class TextUnreadable(FailedPrecondition):
    """What was written to the person, or by them, does not open."""

    reason = "TEXT_UNREADABLE"


class LeadNotParked(FailedPrecondition):
    """Only a parked lead can be sent on."""

    reason = "LEAD_NOT_PARKED"


class LeadContacted(FailedPrecondition):
    """An account has done something for the lead already."""

    reason = "LEAD_CONTACTED"


class LeadInSequence(FailedPrecondition):
    """The lead is in the sequence; it is stopped before it is removed."""

    reason = "LEAD_IN_SEQUENCE"


class LeadNotInSequence(FailedPrecondition):
    """Only a lead that is in the sequence has a sender, and waits at a step."""

    reason = "LEAD_NOT_IN_SEQUENCE"


class StepNotWaiting(FailedPrecondition):
    """The lead does not wait at this step."""

    reason = "STEP_NOT_WAITING"


class StepUnderWay(FailedPrecondition):
    """The step is on the wire, or it is looked for whether it was performed."""

    reason = "STEP_UNDER_WAY"


class CampaignNotStartable(FailedPrecondition):
    """Only a draft or running campaign can be started."""

    reason = "CAMPAIGN_NOT_STARTABLE"


class CampaignNotPausable(FailedPrecondition):
    """Only a running or paused campaign can be paused."""

    reason = "CAMPAIGN_NOT_PAUSABLE"


class CampaignNotResumable(FailedPrecondition):
    """Only a paused or running campaign can be resumed."""

    reason = "CAMPAIGN_NOT_RESUMABLE"


class CampaignNotStoppable(FailedPrecondition):
    """Only a campaign that has started and not completed can be stopped."""

    reason = "CAMPAIGN_NOT_STOPPABLE"


class CampaignNotEnded(FailedPrecondition):
    """The campaign has started and is not over; it is deleted if that is forced, or once it is."""

    reason = "CAMPAIGN_NOT_ENDED"


class CampaignEnded(FailedPrecondition):
    """The campaign has ended; leads can no longer be added."""

    reason = "CAMPAIGN_ENDED"


class CampaignWithoutLeads(FailedPrecondition):
    """The campaign has no lead to work on."""

    reason = "CAMPAIGN_WITHOUT_LEADS"


class AccountNotConnected(FailedPrecondition):
    """An account of the campaign is not connected, so it cannot start."""

    reason = "ACCOUNT_NOT_CONNECTED"


class HoursNeverMeet(FailedPrecondition):
    """The sending window and an account's working hours never meet: nothing would ever go."""

    reason = "HOURS_NEVER_MEET"


class EndTimePassed(FailedPrecondition):
    """The campaign's end has come before its start: nobody could begin any more."""

    reason = "END_TIME_PASSED"


class SenderUnknown(InvalidArgument):
    """The account does not send for the campaign."""

    reason = "ACCOUNT_NOT_FOUND"


class SenderConnected(FailedPrecondition):
    """The account can act; only one that cannot is replaced."""

    reason = "SENDER_CONNECTED"


class SenderInUse(FailedPrecondition):
    """Leads in the sequence have the account; they are moved before it is taken out."""

    reason = "SENDER_IN_USE"


class RevisionNotFound(NotFound):
    """The campaign has no revision of that number."""

    reason = "REVISION_NOT_FOUND"


class LeadListUnreadable(InvalidArgument):
    """The lead list cannot be read as a table with a LinkedIn column."""

    reason = "LEAD_LIST_UNREADABLE"


class LeadListNotFound(NotFound):
    """There is no such list of leads."""

    reason = "LEAD_LIST_NOT_FOUND"


class LeadListInUse(FailedPrecondition):
    """A campaign that took leads from the list is not over; it is deleted then, or by force."""

    reason = "LEAD_LIST_IN_USE"


class ImportNotFound(NotFound):
    """There is no such import into this campaign or list."""

    reason = "IMPORT_NOT_FOUND"


class ExperimentNotFound(NotFound):
    """The campaign's sequence has no such step, or its text has no variants."""

    reason = "EXPERIMENT_NOT_FOUND"


class UploadGap(FailedPrecondition):
    """The content begins behind what has arrived."""

    reason = "UPLOAD_GAP"


class UploadEnded(FailedPrecondition):
    """The import takes no content any more."""

    reason = "UPLOAD_ENDED"


class OperationNotCancellable(FailedPrecondition):
    """An import that comes with its call is ended by its caller."""

    reason = "OPERATION_NOT_CANCELLABLE"
