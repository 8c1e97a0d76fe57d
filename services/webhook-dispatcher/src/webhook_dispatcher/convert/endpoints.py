"""Endpoints."""

from typing import Any

from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.payload import is_known, type_name, type_of
from webhook_dispatcher.convert.values import timestamp
from webhook_dispatcher.convert.violations import MAX_ID_CHARACTERS, REQUIRED, Violations
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import Rules, parse
from webhook_dispatcher.models import Endpoint

_MAX_DESCRIPTION_CHARACTERS = 500


def new_endpoint(request: pb.CreateEndpointRequest, rules: Rules) -> dict[str, Any]:
    """The arguments of `EndpointRegistry.create`."""
    violations = Violations()
    violations.require(request, "request_id", "organization_id")
    violations.limit("builder_webhook_id", request.builder_webhook_id, MAX_ID_CHARACTERS)
    violations.limit("description", request.description, _MAX_DESCRIPTION_CHARACTERS)
    if not request.url:
        violations.add("url", "is required", REQUIRED)
    else:
        try:
            parse(request.url, rules)
        except DestinationForbidden as error:
            violations.add("url", error.message, error.reason)
    names = []
    for index, number in enumerate(request.event_types):
        if is_known(number):
            names.append(type_name(number))
        else:
            violations.add(f"event_types[{index}]", "is not a type of event")
    violations.refuse()
    return {
        "request_id": request.request_id,
        "organization_id": request.organization_id,
        "url": request.url,
        "event_types": tuple(dict.fromkeys(names)),
        "builder_webhook_id": request.builder_webhook_id,
        "description": request.description,
    }


def require_key(request: pb.GetEndpointRequest) -> None:
    """Refuse a look-up without an organization or without a key."""
    violations = Violations()
    violations.require(request, "organization_id")
    violations.limit("endpoint_id", request.endpoint_id, MAX_ID_CHARACTERS)
    violations.limit("builder_webhook_id", request.builder_webhook_id, MAX_ID_CHARACTERS)
    if not (request.endpoint_id or request.builder_webhook_id):
        violations.add("endpoint_id", "or builder_webhook_id is required", REQUIRED)
    violations.refuse()


def endpoint_to_proto(endpoint: Endpoint) -> pb.Endpoint:
    return pb.Endpoint(
        endpoint_id=endpoint.id,
        organization_id=endpoint.organization_id,
        url=endpoint.url,
        event_types=[type_of(name) for name in endpoint.event_types],
        builder_webhook_id=endpoint.builder_webhook_id,
        description=endpoint.description,
        create_time=timestamp(endpoint.created_at),
        disable_time=timestamp(endpoint.disabled_at),
    )
