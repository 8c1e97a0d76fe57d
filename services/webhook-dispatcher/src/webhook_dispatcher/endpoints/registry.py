"""Where customers listen."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from servicekit.auth import current_principal
from servicekit.ids import new_id
from servicekit.postgres.companions import note_created
from servicekit.rehearsals.rehearsal import rehearsing
from servicekit.request_ids.errors import RequestIdReused
from servicekit.telemetry import logs

from webhook_dispatcher.database_clock import IS_A_STEP, DatabaseClock
from webhook_dispatcher.endpoints.deletion_repository import DeletionRepository
from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.endpoints.secret_repository import SecretRepository
from webhook_dispatcher.errors import MailNotConfigured
from webhook_dispatcher.http.connection import Resolve
from webhook_dispatcher.http.destination import Rules, mailbox_of, parse, require_allowed
from webhook_dispatcher.http.signature import SECRET_BYTES, secret_from
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Channel, DeliveryState, DisableReason, Endpoint

_RESOLVE_WITHIN = timedelta(seconds=5)

log = logs.get_logger(__name__)


def _new_key() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def missed_since(since: datetime, *, now: datetime, back: timedelta) -> datetime:
    """Since when an endpoint may have missed events, by the times that these have. Pure.

    What was published after the clock had been set `back` has earlier times than what was before.
    """
    return min(since, now) - back


class EndpointRegistry:
    def __init__(
        self,
        repository: EndpointRepository,
        secret_repository: SecretRepository,
        deletions: DeletionRepository,
        *,
        sealing: Sealing,
        rules: Rules,
        resolve: Resolve,
        metrics: Metrics,
        clock: DatabaseClock,
        deleted_keep: timedelta,
        mails: bool = False,
        new_key: Callable[[], bytes] = _new_key,
    ) -> None:
        self._repository = repository
        self._secret_repository = secret_repository
        self._deletions = deletions
        self._sealing = sealing
        self._rules = rules
        self._resolve = resolve
        self._metrics = metrics
        self._clock = clock
        self._deleted_keep = deleted_keep
        self._mails = mails
        self._new_key = new_key

    async def create(
        self,
        *,
        request_id: str,
        organization_id: str,
        options: EndpointEdit,
        builder_webhook_id: str = "",
        channel: Channel = Channel.WEBHOOK,
    ) -> tuple[Endpoint, str]:
        """Register an address; returns the endpoint and its secret.

        The same request again returns the same endpoint and secret. Raises
        `RequestIdReused` when it asks for something else than before, and `MailNotConfigured`.
        """
        if channel is Channel.EMAIL and not self._mails:
            raise MailNotConfigured
        await self._require_callable(options.url or "", channel)
        blank = Endpoint(
            id=new_id("ep"),
            organization_id=organization_id,
            url="",
            builder_webhook_id=builder_webhook_id,
            channel=channel,
            created_at=self._clock.now(),
            created_by=current_principal(),
        )
        wanted = self._sealing.sealed(options, of=blank).of(blank)
        note_created("endpoint_id", wanted.id)
        secret = secret_from(self._new_key())
        kept = await self._repository.create(
            wanted, request_id=request_id, secret=self._sealing.secret(secret, of=wanted)
        )
        made = kept.endpoint
        if made.id == wanted.id:
            log.info("endpoint_created", endpoint_id=made.id, organization_id=organization_id)
            return made, secret
        if self._sealing.told(made) != self._sealing.told(wanted):
            raise RequestIdReused
        return made, self._sealing.opened(kept.secret, of=made)

    async def get(
        self,
        organization_id: str,
        *,
        endpoint_id: str = "",
        builder_webhook_id: str = "",
        show_deleted: bool = False,
    ) -> Endpoint:
        """Read an endpoint by its own id, or by the builder's; by its own also a deleted one.

        Raises `EndpointNotFound`.
        """
        if endpoint_id:
            return await self._repository.get(
                organization_id, endpoint_id, show_deleted=show_deleted
            )
        return await self._repository.get_by_builder_webhook(organization_id, builder_webhook_id)

    async def update(self, organization_id: str, endpoint_id: str, edit: EndpointEdit) -> Endpoint:
        """Change what is given.

        Raises `EndpointNotFound`, `DestinationForbidden`, and `EtagMismatch` if the endpoint is
        not as its editor has read it.
        """
        before = await self._repository.get(organization_id, endpoint_id)
        if edit.url is not None:
            await self._require_callable(edit.url, before.channel)
        sealed = self._sealing.sealed(edit, of=before)
        endpoint = await self._repository.update(
            organization_id, endpoint_id, sealed, by=current_principal()
        )
        log.info("endpoint_updated", endpoint_id=endpoint_id)
        return endpoint

    async def disable(self, organization_id: str, endpoint_id: str) -> Endpoint:
        """Deliver nothing more to an endpoint; what was not delivered to it yet is kept a while.

        Raises `EndpointNotFound`.
        """
        await self._repository.get(organization_id, endpoint_id)
        await self._repository.disable(
            endpoint_id, reason=DisableReason.REQUESTED, now=self._clock.now()
        )
        log.info("endpoint_disabled", endpoint_id=endpoint_id)
        return await self._repository.get(organization_id, endpoint_id)

    async def enable(
        self, organization_id: str, endpoint_id: str
    ) -> tuple[Endpoint, datetime | None]:
        """Deliver to an endpoint again, and since when it missed events; None if it did not.

        Raises `EndpointNotFound`.
        """
        endpoint, since = await self._repository.enable(organization_id, endpoint_id)
        log.info("endpoint_enabled", endpoint_id=endpoint_id)
        return endpoint, await self._missed(organization_id, since)

    async def _missed(self, organization_id: str, since: datetime | None) -> datetime | None:
        """Since when it missed events, by the times that these have; None if it did not."""
        if since is None:
            return None
        newest, now = await self._repository.newest_event(organization_id), self._clock.now()
        behind = newest - now if newest is not None else timedelta(0)
        if behind <= self._clock.virtual(IS_A_STEP):
            # By as long as an answer travels.
            behind = timedelta(0)
        back = max(self._clock.virtual(self._clock.went_back), behind)
        return missed_since(since, now=now, back=back)

    async def rotate_secret(
        self, organization_id: str, endpoint_id: str, *, request_id: str, overlap: timedelta
    ) -> tuple[Endpoint, str]:
        """Replace the secret; returns the new one, which signs from now on.

        The one before signs as well for as long as they overlap. The same request again returns
        the same secret. Raises `EndpointNotFound`.
        """
        endpoint = await self._repository.get(organization_id, endpoint_id)
        secret = secret_from(self._new_key())
        rotated = await self._secret_repository.rotate(
            organization_id,
            endpoint_id,
            request_id=request_id,
            secret=self._sealing.secret(secret, of=endpoint),
            overlap=overlap,
            now=self._clock.now(),
        )
        log.info("endpoint_secret_rotated", endpoint_id=endpoint_id)
        return rotated.endpoint, self._sealing.opened(rotated.secret, of=rotated.endpoint)

    async def delete(self, organization_id: str, endpoint_id: str, *, etag: str = "") -> None:
        """Hide an endpoint until it is purged, and drop what was not delivered to it yet.

        Raises `EndpointNotFound` if there never was one, and `EtagMismatch`; deleting it again
        changes nothing.
        """
        now = self._clock.now()
        dropped = await self._deletions.delete(
            organization_id, endpoint_id, now=now, purge_at=now + self._deleted_keep, etag=etag
        )
        if not rehearsing():
            self._metrics.deliveries.labels(DeliveryState.DROPPED).inc(dropped)
        log.info("endpoint_deleted", endpoint_id=endpoint_id, dropped=dropped)

    async def undelete(
        self, organization_id: str, endpoint_id: str
    ) -> tuple[Endpoint, datetime | None]:
        """Have a deleted endpoint be there again, and since when it missed events.

        None of one that is not deleted. Raises `EndpointNotFound` if its time is over, and
        `BuilderWebhookTaken`.
        """
        endpoint, since, dropped = await self._deletions.undelete(
            organization_id, endpoint_id, now=self._clock.now()
        )
        self._metrics.deliveries.labels(DeliveryState.DROPPED).inc(dropped)
        log.info("endpoint_undeleted", endpoint_id=endpoint_id)
        return endpoint, await self._missed(organization_id, since)

    async def _require_callable(self, url: str, channel: Channel) -> None:
        if channel is Channel.EMAIL:
            mailbox_of(url)
            return
        destination = parse(url, self._rules)
        try:
            async with asyncio.timeout(_RESOLVE_WITHIN.total_seconds()):
                addresses = await self._resolve(destination.host, destination.port)
        except OSError:
            # Not resolvable now may be resolvable later; every attempt checks again.
            log.info("endpoint_not_resolvable", host=destination.host)
        else:
            require_allowed(addresses, self._rules)
