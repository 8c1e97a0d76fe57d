"""The webhooks that a sequence names: found, or registered with its campaign."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from campaigns.builder.compiler import WebhookReference
from campaigns.sequences.diagnostics import SequenceWarning, Violation
from servicekit.errors import InvalidArgument

from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.errors import InvalidFields, sequence_violations

_MAX_CONCURRENT_CALLS = 20
# What the dispatcher takes as a `builder_webhook_id`.
_LONGEST_KEY = 200
_MOST_BYTES = 400


@dataclass(kw_only=True)
class ResolvedWebhooks:
    """What the webhooks of a sequence resolve to."""

    endpoint_by_step: dict[str, str] = field(default_factory=dict)
    unregistered: list[WebhookReference] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    @property
    def warnings(self) -> list[SequenceWarning]:
        """Creating an endpoint for a customer is something they should know of."""
        return [
            SequenceWarning(
                field=reference.field,
                reason="ENDPOINT_CREATED",
                description="This address is registered as a webhook endpoint with the campaign;"
                " rotate its secret to verify what is sent to it.",
            )
            for reference in self.unregistered
        ]


class SequenceWebhooks:
    """Finds endpoints at the dispatcher, and makes those that are missing."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._calls = asyncio.Semaphore(_MAX_CONCURRENT_CALLS)

    async def resolve(
        self, organization_id: str, references: Sequence[WebhookReference]
    ) -> ResolvedWebhooks:
        """Look up what steps name; an address that nobody knows yet can be registered."""
        found = await self._endpoints(organization_id, {_key(each) for each in references} - {""})
        webhooks = ResolvedWebhooks()
        for reference in references:
            endpoint_id = found.get(_key(reference))
            if endpoint_id is not None:
                webhooks.endpoint_by_step[reference.step_id] = endpoint_id
            elif reference.url:
                webhooks.unregistered.append(reference)
            elif _key(reference):
                webhooks.violations.append(
                    Violation(
                        field=reference.field,
                        reason="WEBHOOK_UNKNOWN",
                        description="There is no such webhook in this organization.",
                    )
                )
        return webhooks

    async def register(
        self, organization_id: str, webhooks: ResolvedWebhooks, *, request_id: str
    ) -> dict[str, str]:
        """The endpoint of each step, made for the addresses that nobody knew.

        The same request twice makes each once. Raises `InvalidFields` if an
        address may not be called.
        """
        endpoints = dict(webhooks.endpoint_by_step)
        violations: list[Violation] = []
        created: dict[str, str] = {}
        for reference in webhooks.unregistered:
            key = _key(reference)
            try:
                if key not in created:
                    created[key] = await self._dispatcher.create_endpoint(
                        organization_id,
                        webhook_id=key,
                        url=reference.url,
                        request_id=_endpoint_request_id(request_id, key),
                    )
            except InvalidArgument as error:
                violations.append(_refused_address(reference, error))
            else:
                endpoints[reference.step_id] = created[key]
        if violations:
            raise InvalidFields(sequence_violations(violations))
        return endpoints

    async def _endpoints(self, organization_id: str, keys: Iterable[str]) -> dict[str, str | None]:
        async def endpoint(key: str) -> tuple[str, str | None]:
            async with self._calls:
                return key, await self._dispatcher.endpoint_id(organization_id, key)

        return dict(await asyncio.gather(*(endpoint(key) for key in keys)))


def _key(reference: WebhookReference) -> str:
    """What the endpoint of a reference is known by: its id, or its address."""
    key = reference.builder_webhook_id or reference.url
    if len(key) <= _LONGEST_KEY and len(key.encode()) <= _MOST_BYTES:
        return key
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _endpoint_request_id(request_id: str, key: str) -> str:
    digest = hashlib.sha256(f"{request_id}\0{key}".encode()).hexdigest()
    return f"sequence-webhook/{digest[:32]}"


def _refused_address(reference: WebhookReference, error: InvalidArgument) -> Violation:
    violation = error.violations[0] if error.violations else None
    reason = violation.reason if violation and violation.reason else error.reason
    return Violation(
        field=reference.field,
        reason=reason if reason == "DESTINATION_FORBIDDEN" else "FIELD_INVALID",
        description=violation.description if violation else error.message,
    )
