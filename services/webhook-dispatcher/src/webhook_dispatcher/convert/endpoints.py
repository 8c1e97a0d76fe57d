"""Endpoints."""

from collections.abc import Iterable
from typing import Any

from outreach.webhook.v1 import event_pb2
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
    _require_url(request.url, rules, violations, field="url")
    names = _names(request.event_types, violations, field="event_types")
    violations.refuse()
    return {
        "request_id": request.request_id,
        "organization_id": request.organization_id,
        "url": request.url,
        "event_types": names,
        "builder_webhook_id": request.builder_webhook_id,
        "description": request.description,
    }


def changes_of(request: pb.UpdateEndpointRequest, rules: Rules) -> dict[str, Any]:
    """The arguments of `EndpointRegistry.update` by keyword: what the mask names."""
    violations, wanted = Violations(), request.endpoint
    violations.require(wanted, "organization_id", "endpoint_id", within="endpoint.")
    changes: dict[str, Any] = {}
    for index, path in enumerate(request.update_mask.paths):
        if path == "url":
            _require_url(wanted.url, rules, violations, field="endpoint.url")
            changes["url"] = wanted.url
        elif path == "event_types":
            names = _names(wanted.event_types, violations, field="endpoint.event_types")
            changes["event_types"] = names
        elif path == "description":
            violations.limit(
                "endpoint.description", wanted.description, _MAX_DESCRIPTION_CHARACTERS
            )
            changes["description"] = wanted.description
        else:
            violations.add(f"update_mask.paths[{index}]", "cannot be changed")
    if not request.update_mask.paths:
        violations.add("update_mask", "is required", REQUIRED)
    violations.refuse()
    return changes


def _require_url(url: str, rules: Rules, violations: Violations, *, field: str) -> None:
    if not url:
        violations.add(field, "is required", REQUIRED)
        return
    try:
        parse(url, rules)
    except DestinationForbidden as error:
        violations.add(field, error.message, error.reason)


def _names(
    event_types: Iterable[event_pb2.EventType.ValueType], violations: Violations, *, field: str
) -> tuple[str, ...]:
    """The types as customers know them, each once."""
    names = []
    for index, number in enumerate(event_types):
        if is_known(number):
            names.append(type_name(number))
        else:
            violations.add(f"{field}[{index}]", "is not a type of event")
    return tuple(dict.fromkeys(names))


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
