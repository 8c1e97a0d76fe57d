"""Endpoints."""

from collections.abc import Iterable
from typing import Any

from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.payload import type_name, type_of
from webhook_dispatcher.convert.values import timestamp
from webhook_dispatcher.convert.violations import REQUIRED, Violations
from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit, etag_of
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import Rules, parse
from webhook_dispatcher.models import Endpoint


def new_endpoint(request: pb.CreateEndpointRequest, rules: Rules) -> dict[str, Any]:
    """The arguments of `EndpointRegistry.create`."""
    violations = Violations()
    if request.url.strip():
        _require_url(request.url, rules, violations, field="url")
    violations.refuse()
    return {
        "request_id": request.request_id,
        "organization_id": request.organization_id,
        "url": request.url,
        "event_types": _names(request.event_types),
        "builder_webhook_id": request.builder_webhook_id,
        "description": request.description,
    }


def edit_of(request: pb.UpdateEndpointRequest, rules: Rules) -> EndpointEdit:
    """What the mask names, and the etag of what it is an edit of."""
    violations, wanted = Violations(), request.endpoint
    changes: dict[str, Any] = {}
    for index, path in enumerate(request.update_mask.paths):
        if path == "url":
            _require_url(wanted.url, rules, violations, field="endpoint.url")
            changes["url"] = wanted.url
        elif path == "event_types":
            changes["event_types"] = _names(wanted.event_types)
        elif path == "description":
            changes["description"] = wanted.description
        else:
            violations.add(f"update_mask.paths[{index}]", "cannot be changed")
    if request.HasField("update_mask") and not request.update_mask.paths:
        violations.add("update_mask", "is required", REQUIRED)
    violations.refuse()
    return EndpointEdit(etag=wanted.etag, **changes)


def _require_url(url: str, rules: Rules, violations: Violations, *, field: str) -> None:
    if not url:
        violations.add(field, "is required", REQUIRED)
        return
    try:
        parse(url, rules)
    except DestinationForbidden as error:
        violations.add(field, error.message, error.reason)


def _names(event_types: Iterable[event_pb2.EventType.ValueType]) -> tuple[str, ...]:
    """The types as customers know them, each once."""
    return tuple(dict.fromkeys(map(type_name, event_types)))


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
        update_time=timestamp(endpoint.updated_at),
        etag=etag_of(endpoint),
    )
