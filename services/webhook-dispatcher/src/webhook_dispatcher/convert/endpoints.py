"""Endpoints."""

from datetime import timedelta
from typing import Any, assert_never

from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.endpoint_options import OPTIONS, options_of
from webhook_dispatcher.convert.listed_urls import listed_url
from webhook_dispatcher.convert.values import timestamp
from webhook_dispatcher.convert.violations import REQUIRED, Violations
from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit, etag_of
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.models import (
    Channel,
    DisableReason,
    Endpoint,
    LegacySignature,
    PayloadForm,
    SignatureScheme,
)

_OVERLAP = timedelta(hours=24)
_CHANNELS = {
    pb.CHANNEL_UNSPECIFIED: Channel.WEBHOOK,
    pb.CHANNEL_WEBHOOK: Channel.WEBHOOK,
    pb.CHANNEL_SLACK: Channel.SLACK,
    pb.CHANNEL_EMAIL: Channel.EMAIL,
}


def new_endpoint(request: pb.CreateEndpointRequest, rules: Rules) -> dict[str, Any]:
    """The arguments of `EndpointRegistry.create`."""
    violations = Violations()
    options = options_of(request, OPTIONS, rules, violations)
    channel = _CHANNELS[request.channel]
    violations.refuse()
    return {
        "channel": channel,
        "request_id": request.request_id,
        "organization_id": request.organization_id,
        "options": options,
        "builder_webhook_id": request.builder_webhook_id,
    }


def edit_of(request: pb.UpdateEndpointRequest, rules: Rules) -> EndpointEdit:
    """What the mask names, and the etag of what it is an edit of."""
    violations = Violations()
    named = []
    for index, path in enumerate(request.update_mask.paths):
        if path in OPTIONS:
            named.append(path)
        else:
            violations.add(f"update_mask.paths[{index}]", "cannot be changed")
    if request.HasField("update_mask") and not request.update_mask.paths:
        violations.add("update_mask", "is required", REQUIRED)
    if "url" in named and not request.endpoint.url:
        violations.add("endpoint.url", "is required", REQUIRED)
    edit = options_of(request.endpoint, named, rules, violations, within="endpoint.")
    violations.refuse()
    return edit


def overlap_of(request: pb.RotateEndpointSecretRequest) -> timedelta:
    """For how long the secret before a rotation signs as well."""
    return request.overlap.ToTimedelta() if request.HasField("overlap") else _OVERLAP


def endpoint_to_proto(endpoint: Endpoint) -> pb.Endpoint:
    return pb.Endpoint(
        endpoint_id=endpoint.id,
        organization_id=endpoint.organization_id,
        url=endpoint.url,
        event_types=endpoint.event_types,
        campaign_ids=endpoint.campaign_ids,
        account_ids=endpoint.account_ids,
        builder_webhook_id=endpoint.builder_webhook_id,
        description=endpoint.description,
        header_names=endpoint.header_names,
        max_per_minute=endpoint.max_per_minute,
        max_concurrency=endpoint.max_concurrency,
        legacy_signature=_legacy_to_proto(endpoint.legacy_signature),
        channel=_channel_to_proto(endpoint.channel),
        payload_form=_form_to_proto(endpoint.payload_form),
        create_time=timestamp(endpoint.created_at),
        created_by=endpoint.created_by,
        updated_by=endpoint.updated_by,
        disable_time=timestamp(endpoint.disabled_at),
        disable_reason=_reason_to_proto(endpoint.disable_reason),
        old_secret_expire_time=timestamp(endpoint.old_secrets_until),
        update_time=timestamp(endpoint.updated_at),
        etag=etag_of(endpoint),
        delete_time=timestamp(endpoint.deleted_at),
        purge_time=timestamp(endpoint.purge_at),
    )


def listed_endpoint(endpoint: Endpoint) -> pb.Endpoint:
    """An endpoint as a list tells of it: without what its address may be a secret of."""
    listed = endpoint_to_proto(endpoint)
    listed.url = listed_url(endpoint.url, endpoint.channel)
    return listed


def _channel_to_proto(channel: Channel) -> pb.Channel.ValueType:
    match channel:
        case Channel.WEBHOOK:
            return pb.CHANNEL_WEBHOOK
        case Channel.SLACK:
            return pb.CHANNEL_SLACK
        case Channel.EMAIL:
            return pb.CHANNEL_EMAIL
        case _:
            assert_never(channel)


def _form_to_proto(form: PayloadForm) -> pb.PayloadForm.ValueType:
    match form:
        case PayloadForm.WITH_LEAD:
            return pb.PAYLOAD_FORM_WITH_LEAD
        case PayloadForm.IDS:
            return pb.PAYLOAD_FORM_IDS
        case PayloadForm.LEAD_RECORD:
            return pb.PAYLOAD_FORM_LEAD_RECORD
        case _:
            assert_never(form)


def _legacy_to_proto(legacy: LegacySignature | None) -> pb.LegacySignature | None:
    if legacy is None:
        return None
    return pb.LegacySignature(
        header=legacy.header, scheme=_scheme_to_proto(legacy.scheme), prefix=legacy.prefix
    )


def _scheme_to_proto(scheme: SignatureScheme) -> pb.SignatureScheme.ValueType:
    match scheme:
        case SignatureScheme.HMAC_SHA256_HEX:
            return pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX
        case SignatureScheme.HMAC_SHA256_BASE64:
            return pb.SIGNATURE_SCHEME_HMAC_SHA256_BASE64
        case _:
            assert_never(scheme)


def _reason_to_proto(reason: DisableReason | None) -> pb.DisableReason.ValueType:
    match reason:
        case None:
            return pb.DISABLE_REASON_UNSPECIFIED
        case DisableReason.REQUESTED:
            return pb.DISABLE_REASON_REQUESTED
        case DisableReason.GONE:
            return pb.DISABLE_REASON_GONE
        case DisableReason.FAILING:
            return pb.DISABLE_REASON_FAILING
        case _:
            assert_never(reason)
