"""How this service refuses, beside what `servicekit.errors` has."""

from servicekit.errors import (
    AlreadyExists,
    BadInput,
    FailedPrecondition,
    FieldViolation,
    InvalidArgument,
    NotFound,
)


class EndpointNotFound(NotFound):
    """There is no such endpoint in this organization."""

    reason = "ENDPOINT_NOT_FOUND"


class DeliveryNotFound(NotFound):
    """There is no such delivery in this organization."""

    reason = "DELIVERY_NOT_FOUND"


class BuilderWebhookTaken(AlreadyExists):
    """The builder's webhook id names another endpoint of the organization."""

    reason = "BUILDER_WEBHOOK_TAKEN"


class EventIdReused(AlreadyExists):
    """An event of this id was published before, with other content."""

    reason = "EVENT_ID_REUSED"


class InvalidFields(BadInput):
    """One or more fields are wrong; each violation names one."""

    reason = "INVALID_FIELDS"


class DestinationForbidden(InvalidArgument):
    """The endpoint's address may not be called: private, or not HTTPS."""

    reason = "DESTINATION_FORBIDDEN"

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message,
            violations=[FieldViolation("url", message, self.reason)],
        )


class MailNotConfigured(FailedPrecondition):
    """Mails cannot be sent: there is no SMTP server in the settings."""

    reason = "MAIL_NOT_CONFIGURED"


class EventNotFound(NotFound):
    """There is no such event in this organization, or it is kept no more."""

    reason = "EVENT_NOT_FOUND"


class ReplayNotFound(NotFound):
    """There is no such replay in this organization."""

    reason = "REPLAY_NOT_FOUND"


class EndpointNotServed(FailedPrecondition):
    """The endpoint was disabled or deleted: nothing is sent to it."""

    reason = "ENDPOINT_NOT_SERVED"


class EventBodyGone(FailedPrecondition):
    """What the event said is kept no more, so that it cannot be sent again."""

    reason = "EVENT_BODY_GONE"


class EventUnreadable(FailedPrecondition):
    """What the event says cannot be opened: its key is lost, or it was changed."""

    reason = "EVENT_UNREADABLE"
