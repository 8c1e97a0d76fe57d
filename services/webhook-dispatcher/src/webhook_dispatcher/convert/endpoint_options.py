"""What a customer may choose of an endpoint, alike where one is made and where one is changed."""

from collections.abc import Collection
from typing import Any, Final

from outreach.webhook.v1 import webhook_service_pb2 as pb

from webhook_dispatcher.convert.listed_urls import hides_something
from webhook_dispatcher.convert.payload import TYPE_GROUPS, TYPE_NAMES
from webhook_dispatcher.convert.violations import Violations
from webhook_dispatcher.endpoints.custom_headers import header_name_refusal, header_refusals
from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.destination import Rules, mailbox_of, parse
from webhook_dispatcher.http.mailboxes import MAILTO
from webhook_dispatcher.models import LegacySignature, PayloadForm, SignatureScheme

OPTIONS: Final = (
    "url",
    "event_types",
    "description",
    "campaign_ids",
    "account_ids",
    "headers",
    "max_per_minute",
    "max_concurrency",
    "legacy_signature",
    "payload_form",
)
"""Fields of `Endpoint` and of `CreateEndpointRequest` under one name."""
_SCHEMES: Final = {
    pb.SIGNATURE_SCHEME_HMAC_SHA256_HEX: SignatureScheme.HMAC_SHA256_HEX,
    pb.SIGNATURE_SCHEME_HMAC_SHA256_BASE64: SignatureScheme.HMAC_SHA256_BASE64,
}


_FORMS: Final = {
    pb.PAYLOAD_FORM_UNSPECIFIED: PayloadForm.WITH_LEAD,
    pb.PAYLOAD_FORM_WITH_LEAD: PayloadForm.WITH_LEAD,
    pb.PAYLOAD_FORM_IDS: PayloadForm.IDS,
    pb.PAYLOAD_FORM_LEAD_RECORD: PayloadForm.LEAD_RECORD,
}


def options_of(
    asked: pb.CreateEndpointRequest | pb.Endpoint,
    named: Collection[str],
    rules: Rules,
    violations: Violations,
    *,
    within: str = "",
) -> EndpointEdit:
    """The options of these names; what is wrong with them is added to the violations."""
    changes: dict[str, Any] = {}
    headers, legacy_secret = None, ""
    for name in named:
        if name == "headers":
            headers = dict(asked.headers)
            _check_headers(asked, violations, within=within)
        elif name == "legacy_signature":
            changes[name] = _legacy(asked, violations, within=within)
            legacy_secret = asked.legacy_signature.secret
        elif name == "payload_form":
            changes[name] = _FORMS[asked.payload_form]
        elif name in {"event_types", "campaign_ids", "account_ids"}:
            changes[name] = tuple(dict.fromkeys(getattr(asked, name)))
        else:
            changes[name] = getattr(asked, name)
    if asked.url.strip() and "url" in named:
        _check_url(asked.url, rules, violations, field=f"{within}url")
    if "event_types" in named:
        _check_types(asked, violations, within=within)
    etag = asked.etag if isinstance(asked, pb.Endpoint) else ""
    return EndpointEdit(etag=etag, changes=changes, headers=headers, legacy_secret=legacy_secret)


def _check_url(url: str, rules: Rules, violations: Violations, *, field: str) -> None:
    try:
        if url.startswith(MAILTO):
            mailbox_of(url)
        else:
            parse(url, rules)
    except DestinationForbidden as error:
        violations.add(field, error.message, error.reason)
        return
    if hides_something(url):
        violations.add(field, "is as a list tells it: without what is secret of it")


def is_event_type(name: str) -> bool:
    """Whether it is a type of event as customers know it, or all of a kind."""
    return name in TYPE_NAMES or name in TYPE_GROUPS


def _check_types(
    asked: pb.CreateEndpointRequest | pb.Endpoint, violations: Violations, *, within: str
) -> None:
    for index, name in enumerate(asked.event_types):
        if not is_event_type(name):
            violations.add(f"{within}event_types[{index}]", "is no type of event")


def _check_headers(
    asked: pb.CreateEndpointRequest | pb.Endpoint, violations: Violations, *, within: str
) -> None:
    for name, refusal in header_refusals(asked.headers).items():
        violations.add(f'{within}headers["{name[:100]}"]', refusal)


def _legacy(
    asked: pb.CreateEndpointRequest | pb.Endpoint, violations: Violations, *, within: str
) -> LegacySignature | None:
    if not asked.HasField("legacy_signature"):
        return None
    legacy = asked.legacy_signature
    refusal = header_name_refusal(legacy.header) if legacy.header else ""
    if refusal:
        violations.add(f"{within}legacy_signature.header", refusal)
    scheme = _SCHEMES.get(legacy.scheme)
    if scheme is None:
        return None  # refused by the contract's rules
    return LegacySignature(header=legacy.header.lower(), scheme=scheme, prefix=legacy.prefix)
