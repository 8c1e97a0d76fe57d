"""Everything that is sealed, sealed by the newest key."""

from dataclasses import dataclass

from servicekit.telemetry import logs

from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.endpoints.secret_box import SecretUnreadable
from webhook_dispatcher.endpoints.secret_repository import SecretRepository

_PAGE = 500

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reencrypted:
    """How many endpoints there were, by what became of them."""

    encrypted: int
    untouched: int
    """By the newest key before, or changed by somebody meanwhile: that sealed by it."""
    unreadable: int


async def reencrypt(repository: SecretRepository, sealing: Sealing) -> Reencrypted:
    """Encrypt what older keys sealed by the newest one; safe to repeat and to break off."""
    encrypted = untouched = unreadable = 0
    position = ""
    while page := await repository.after(position, limit=_PAGE):
        for before in page:
            try:
                after = sealing.anew(before)
            except SecretUnreadable:
                unreadable += 1
                log.warning("endpoint_secret_unreadable", endpoint_id=before.endpoint_id)
                continue
            if after is not None and await repository.replace(before, after):
                encrypted += 1
            else:
                untouched += 1
        position = page[-1].endpoint_id
    done = Reencrypted(encrypted=encrypted, untouched=untouched, unreadable=unreadable)
    log.info(
        "endpoint_secrets_encrypted",
        encrypted=encrypted,
        untouched=untouched,
        unreadable=unreadable,
    )
    return done
