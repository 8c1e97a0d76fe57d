"""How this service refuses, beside what `servicekit.errors` has."""

from servicekit.errors import AlreadyExists, BadInput, FieldViolation, InvalidArgument, NotFound


class EndpointNotFound(NotFound):
    """There is no such endpoint in this organization."""

    reason = "ENDPOINT_NOT_FOUND"


class DeliveryNotFound(NotFound):
    """There is no such delivery in this organization."""

    reason = "DELIVERY_NOT_FOUND"


class BuilderWebhookTaken(AlreadyExists):
    """The builder's webhook id names another endpoint of the organization."""

    reason = "BUILDER_WEBHOOK_TAKEN"


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
