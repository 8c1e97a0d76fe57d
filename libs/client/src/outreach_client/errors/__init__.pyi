"""Refused calls as exceptions; written by `make client`."""

from contextlib import AbstractContextManager

from servicekit.errors import AlreadyExists as AlreadyExists
from servicekit.errors import BadInput as BadInput
from servicekit.errors import DeadlineExceeded as DeadlineExceeded
from servicekit.errors import EtagMismatch as EtagMismatch
from servicekit.errors import FailedPrecondition as FailedPrecondition
from servicekit.errors import FieldViolation as FieldViolation
from servicekit.errors import Internal as Internal
from servicekit.errors import InvalidArgument as InvalidArgument
from servicekit.errors import MessageTooLarge as MessageTooLarge
from servicekit.errors import NotFound as NotFound
from servicekit.errors import NotYet as NotYet
from servicekit.errors import OutcomeUnknown as OutcomeUnknown
from servicekit.errors import PermissionDenied as PermissionDenied
from servicekit.errors import QuotaViolation as QuotaViolation
from servicekit.errors import RemoteError as RemoteError
from servicekit.errors import ServiceError as ServiceError
from servicekit.errors import Unauthenticated as Unauthenticated
from servicekit.errors import Unavailable as Unavailable

def refined() -> AbstractContextManager[None]: ...
def refinement(error: ServiceError) -> ServiceError: ...

class AccountForbidden(PermissionDenied):
    """The caller is limited to other accounts."""

class AccountInUse(FailedPrecondition):
    """Actions of campaigns wait on the account; say `park` to remove it all the same."""

class AccountNotConnected(FailedPrecondition):
    """An account of the campaign is not connected, so it cannot start."""

class AccountNotFound(NotFound):
    """There is no such account in this organization."""

class AccountParked(NotYet):
    """The account is not connected or is restricted; its actions wait for it."""

class AccountRemoved(NotYet):
    """The account was removed at the provider and does not come back by itself: its member connects it anew, or the sender is replaced."""

class AccountRestricted(FailedPrecondition):
    """LinkedIn restricts the account."""

class AccountUnknownToProvider(NotFound):
    """Unipile knows no such account."""

class ActionCancelled(FailedPrecondition):
    """The action was cancelled before it was performed."""

class ActionIdReused(InvalidArgument):
    """The action id was used before for another action."""

class ActionNotFound(NotFound):
    """There is no such action in the ledger."""

class AlreadyReplied(FailedPrecondition):
    """The person has written since, and the action was meant only for silence."""

class AlreadySo(FailedPrecondition):
    """The world was already as the step wanted it. Not an error: the step is done."""

class ApiKeyInvalid(Unauthenticated):
    """The API key opens nothing: mistyped, unknown, expired, revoked, or its member is disabled."""

class AuditUnavailable(Unavailable):
    """What is asked for has to be recorded, and cannot be at the moment: nothing was told. A change may have been made; repeat the call."""

class BuilderWebhookTaken(AlreadyExists):
    """The builder's webhook id names another endpoint of the organization."""

class CampaignEnded(FailedPrecondition):
    """The campaign has ended; leads can no longer be added."""

class CampaignNotEnded(FailedPrecondition):
    """A campaign that has started and is not over is deleted only if that is forced."""

class CampaignNotFound(NotFound):
    """There is no such campaign in this organization."""

class CampaignNotPausable(FailedPrecondition):
    """Only a running or paused campaign can be paused."""

class CampaignNotResumable(FailedPrecondition):
    """Only a paused or running campaign can be resumed."""

class CampaignNotStartable(FailedPrecondition):
    """Only a draft or running campaign can be started."""

class CampaignNotStoppable(FailedPrecondition):
    """Only a campaign that has started and not ended can be stopped."""

class CampaignWithoutLeads(FailedPrecondition):
    """The campaign has no lead to work on."""

class CheckpointAnswerWrong(FailedPrecondition):
    """The answer to the checkpoint was wrong; it can be tried again."""

class CheckpointExpired(FailedPrecondition):
    """The checkpoint is over; begin again."""

class CheckpointNotFound(NotFound):
    """There is no such checkpoint; begin again."""

class CheckpointUnsolvable(FailedPrecondition):
    """The checkpoint cannot be solved here (a captcha); use a connect link."""

class CommentsDisabled(FailedPrecondition):
    """The post does not take comments."""

class CoolingDown(NotYet):
    """LinkedIn asked this account to slow down with actions of this kind."""

class CredentialsRefused(FailedPrecondition):
    """LinkedIn did not take the credentials."""

class DatabaseBusy(Unavailable):
    """PostgreSQL gave up this transaction in favour of others; repeat the call."""

class DatabaseUnavailable(Unavailable):
    """PostgreSQL cannot be reached; nothing was changed."""

class DeliveryNotFound(NotFound):
    """There is no such delivery in this organization."""

class DestinationForbidden(InvalidArgument):
    """The endpoint's address may not be called: private, or not HTTPS."""

class DoNotContact(FailedPrecondition):
    """The list says of the person that they are not to be contacted. `allow_literal` of an import says that it is meant otherwise."""

class DuplicatePerson(FailedPrecondition):
    """Another lead of the campaign is the same person, and came first."""

class EmailsUnread(Unavailable):
    """The e-mail addresses of leads of an earlier release are made ready to be found: ask again."""

class EmailMissing(FailedPrecondition):
    """LinkedIn refused the invitation, and the list has no e-mail address of the person, without which some cannot be invited."""

class EndpointNotFound(NotFound):
    """There is no such endpoint in this organization."""

class EndpointNotServed(FailedPrecondition):
    """The endpoint was disabled or deleted: nothing is sent to it."""

class EndTimePassed(FailedPrecondition):
    """A campaign whose end has come is not started; the metadata's `end_time` says when that was."""

class EventBodyGone(FailedPrecondition):
    """What the event said is kept no more, so that it cannot be sent again."""

class EventIdReused(AlreadyExists):
    """An event of this id was published before, with other content."""

class EventNotFound(NotFound):
    """There is no such event in this organization, or it is kept no more."""

class EventUnreadable(FailedPrecondition):
    """What the event says does not open: its key is lost, or it was changed."""

class ExperimentNotFound(NotFound):
    """The campaign's sequence has no such step, or its text has no variants."""

class FeatureNotSubscribed(FailedPrecondition):
    """The account's LinkedIn plan does not include this."""

class FilterInvalid(BadInput):
    """A list's filter cannot be read; the metadata's `position` says where."""

class FilterNotSupported(BadInput):
    """A list is not filtered like that; the metadata has the fields that it is by."""

class GrantExceedsOwn(PermissionDenied):
    """Nobody gives, takes or changes what they may not do themselves."""

class Held(NotYet):
    """A hold is in force: on the campaign, account, organization or everything."""

class HoldNotFound(NotFound):
    """There is no such hold."""

class HoldSubjectUnknown(NotFound):
    """Nothing is known of what is to be held, so that the hold would stop nothing: a campaign that has asked for no action and that no service vouches for, or an organization without accounts."""

class HoursNeverMeet(FailedPrecondition):
    """A campaign's sending window and an account's working hours are never open together for as long as the pause between two actions."""

class ImportNotFound(NotFound):
    """The campaign has no such import of a lead list."""

class InmailCreditsExhausted(FailedPrecondition):
    """The account has no InMail credit left."""

class InmailNotAllowed(FailedPrecondition):
    """The person takes no InMail from this account."""

class InvalidFields(BadInput):
    """One or more fields are wrong; `BadRequest` names each one."""

class InvitedByPerson(FailedPrecondition):
    """The person has invited the account, and the campaign leaves such invitations."""

class InvitedTooRecently(FailedPrecondition):
    """The person was invited too recently to be invited again."""

class InFlight(NotYet):
    """This very action is on the wire; its answer has not come yet."""

class IssuerDisabled(FailedPrecondition):
    """This service issues no tokens: an operator must set the key that encrypts its own."""

class IssuerUnavailable(Unavailable):
    """Whoever issues tokens does not answer, and so nothing is changed. The call may be repeated."""

class KeyEnded(FailedPrecondition):
    """The API key is revoked, expired or replaced."""

class KeyNotFound(NotFound):
    """There is no such API key, or it is not the caller's."""

class LastAdministrator(FailedPrecondition):
    """Nobody would be left who may change the organization's members."""

class LeadContacted(FailedPrecondition):
    """An account has done something for the lead already, which the metadata's `contact` names."""

class LeadInSequence(FailedPrecondition):
    """The lead is in the sequence; it is stopped before it is removed."""

class LeadListInUse(FailedPrecondition):
    """A campaign that took leads from the list is not over; the metadata's `campaigns` names it."""

class LeadListNotFound(NotFound):
    """There is no such list of leads."""

class LeadListUnreadable(InvalidArgument):
    """The lead list cannot be read as a table with a LinkedIn column."""

class LeadNotFound(NotFound):
    """There is no such lead in this campaign."""

class LeadNotInSequence(FailedPrecondition):
    """Only a lead that is in the sequence has a sender and waits at a step; the metadata's `state` says what it is."""

class LeadNotParked(FailedPrecondition):
    """Only a parked lead can be sent on; the metadata's `state` says what it is."""

class MailNotConfigured(FailedPrecondition):
    """Mails cannot be sent: there is no SMTP server in the settings."""

class MalformedRequest(FailedPrecondition):
    """Our request was malformed; nothing is wrong with the lead."""

class MemberNotAccepted(FailedPrecondition):
    """This LinkedIn member cannot be connected to this organization."""

class MemberNotFound(NotFound):
    """There is no such member, or they are not the caller's."""

class MessageTooLong(FailedPrecondition):
    """The text does not fit into what this account may send."""

class NothingToWithdraw(FailedPrecondition):
    """There is no invitation to take back. Not an error: the step is skipped."""

class NotConnected(FailedPrecondition):
    """The person is not connected to the account, so no message can be sent."""

class NoPosts(FailedPrecondition):
    """The person has no post that fits."""

class OperationNotCancellable(FailedPrecondition):
    """An import that comes with its call is ended by its caller."""

class OrderNotSupported(BadInput):
    """A list does not come in that order; the metadata has those that it does."""

class OrganizationNotFound(NotFound):
    """There is no such organization, or it is not the caller's."""

class OwnerWrote(NotYet):
    """The account's owner has written to the person by hand: the lead waits for their answer, or ends, by the campaign's policy."""

class PageTokenInvalid(BadInput):
    """A page token of another list, filter, order or organization."""

class PermissionMissing(PermissionDenied):
    """The caller's token does not carry the permission that the method needs."""

class PersonAway(NotYet):
    """The person's automatic reply is being waited out."""

class PersonInAnotherCampaign(FailedPrecondition):
    """Another campaign of the organization works on the person: the lead waits for its end, or ends, by the organization's policy."""

class PersonNotFound(FailedPrecondition):
    """No person has this profile address."""

class PersonRespondedBefore(FailedPrecondition):
    """The person has accepted or answered a sender of the organization before this lead began; the campaign may say that it turns to such people all the same."""

class PersonSuppressed(FailedPrecondition):
    """The person must not be contacted: a suppression is in force."""

class PersonUnreachable(FailedPrecondition):
    """The person cannot be reached by this account: locked, or has blocked it."""

class PersonUnreadable(FailedPrecondition):
    """What is known of the person does not open: its key is lost, or the row was changed. Nothing is done for the lead until it opens again."""

class ProviderUnavailable(Unavailable):
    """Unipile cannot be reached or failed before it did anything."""

class RateLimited(NotYet):
    """The caller has asked more at once than they may: `QuotaFailure` names the limit, `RetryInfo` when there is room. Nothing was done."""

class RefusedByLinkedin(FailedPrecondition):
    """LinkedIn refused the action for this person, with a reason of its own."""

class ReplayNotFound(NotFound):
    """There is no such replay in this organization."""

class RequestIdReused(AlreadyExists):
    """The request id was used before for something else."""

class RequestUnderWay(Unavailable):
    """The same request, by its request id, is being served: ask again, and be told what came of it."""

class RevisionNotFound(NotFound):
    """The campaign has no revision of that number."""

class SearchAttributesMissing(FailedPrecondition):
    """The namespace does not know the attributes by which workflows are listed: a worker registers them at its start, where that is ours to do. The metadata's `missing` names them."""

class SenderConnected(FailedPrecondition):
    """The account can act; only one that cannot is replaced."""

class SenderInUse(FailedPrecondition):
    """Leads in the sequence have the account that is taken out; the metadata's `leads` says how many."""

class SentAsMessage(FailedPrecondition):
    """An InMail went as a plain message: its receiver had connected meanwhile. Not an error: the step is done."""

class ServiceKeyRefused(Unavailable):
    """Another service does not accept the key of this one, or does not let it do this: an operator must look at the keys. The call may be repeated."""

class ServiceTimedOut(DeadlineExceeded):
    """Another service that this one needs was there and has not answered in time; what was asked of it may have been done. The call may be repeated."""

class ServiceUnavailable(Unavailable):
    """Another service that this one needs cannot be reached."""

class StepNotWaiting(FailedPrecondition):
    """The lead does not wait at this step; the metadata's `state` says how the step has ended, or that it is `not_reached`."""

class StepUnderWay(FailedPrecondition):
    """The step is on the wire, or it is looked for whether it was performed."""

class StopNotInForce(Unavailable):
    """A stop is not in force yet: a decision that began before it is not over, or it could not be written down; what is in its way is said. To repeat the call is to wait on."""

class SuppressionListUnreadable(InvalidArgument):
    """The list of suppressions cannot be read as a table."""

class SuppressionNotFound(NotFound):
    """There is no such suppression."""

class SuppressionUnread(NotYet):
    """A suppression names somebody by an id or an address, and it is not known yet who that is: nobody is contacted before they are looked up."""

class SyncTokenExpired(BadInput):
    """What follows changes cannot go on: the database was restored, or failed over."""

class TargetMismatch(FailedPrecondition):
    """The person found is not the lead that the action was asked for."""

class TemporalUnavailable(Unavailable):
    """Temporal cannot be reached; the call may be repeated."""

class TextMissing(FailedPrecondition):
    """A manual text is required and missing or blank."""

class TextUnreadable(FailedPrecondition):
    """A text that was kept does not open, for the same reasons."""

class TokenEnded(Unauthenticated):
    """The token ended while its answers came; whoever asks again with a new one goes on."""

class TokenInvalid(Unauthenticated):
    """The caller's token is missing, expired or not ours."""

class ToldToCome(NotYet):
    """A turn came free before its own: its caller was told to come, and has not come yet."""

class TooManySuppressedIds(FailedPrecondition):
    """Suppressions name too many people by ids of the provider that are not looked up yet; addresses need no look."""

class UploadEnded(FailedPrecondition):
    """The import takes no content any more: all of it is there, or it is over."""

class UploadGap(FailedPrecondition):
    """The content of an upload begins behind what has arrived; the metadata's `received_bytes` says how much that is."""

class VariableMissing(FailedPrecondition):
    """A text names a variable for which this lead has no value."""

class VerifyingOutcome(NotYet):
    """The answer was lost; Unipile is being asked whether the action landed."""

class WaitingForCap(NotYet):
    """A cap is used up; `QuotaFailure` names it."""

class WaitingForGap(NotYet):
    """The random pause since the account's last action is not over."""

class WaitingForHours(NotYet):
    """It is outside of the account's working hours or the sending window."""

class WaitingForTurn(NotYet):
    """Others on this account come first."""

class WatchTooSlow(NotYet):
    """Whoever watches reads so slowly that too much has changed meanwhile to keep for them; they go on with their last token."""

class WorkflowNotFailing(FailedPrecondition):
    """Nothing of the run waits for another attempt."""

class WorkflowNotFound(NotFound):
    """There is no such workflow that is the caller's, or Temporal keeps it no longer."""

class WorkflowNotRunning(FailedPrecondition):
    """The run of the workflow has ended; the metadata's `status` says how."""

class WorkflowNotStoppable(FailedPrecondition):
    """Only workflows of campaigns and leads are ended by hand: nobody puts in order what others leave."""

class WorkflowTaskFailing(FailedPrecondition):
    """A bug of ours fails the tasks of the lead's workflow; it goes on by itself once that is mended."""

class WritesRefused(Unavailable):
    """PostgreSQL refuses to write, on a full disk or while it is read-only; who reads is answered."""
