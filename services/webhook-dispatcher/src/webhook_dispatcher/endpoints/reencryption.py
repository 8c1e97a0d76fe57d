"""Everything that is sealed, sealed by the newest key."""

from dataclasses import dataclass

from servicekit.telemetry import logs

from webhook_dispatcher.endpoints.rows import Signing
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
    """By the newest key before, or deleted meanwhile."""
    unreadable: int


async def reencrypt(repository: SecretRepository, sealing: Sealing) -> Reencrypted:
    """Encrypt what older keys sealed by the newest one; safe to repeat and to break off."""
    encrypted = untouched = unreadable = 0
    position = ""
    while page := await repository.after(position, limit=_PAGE):
        for before in page:
            try:
                anew = await _encrypted_anew(before, repository, sealing)
            except SecretUnreadable:
                unreadable += 1
                log.warning("endpoint_secret_unreadable", endpoint_id=before.endpoint_id)
                continue
            encrypted, untouched = encrypted + anew, untouched + (not anew)
        position = page[-1].endpoint_id
    done = Reencrypted(encrypted=encrypted, untouched=untouched, unreadable=unreadable)
    log.info(
        "endpoint_secrets_encrypted",
        encrypted=encrypted,
        untouched=untouched,
        unreadable=unreadable,
    )
    return done


async def _encrypted_anew(read: Signing, repository: SecretRepository, sealing: Sealing) -> bool:
    """Whether anything was left to encrypt; raises `SecretUnreadable`.

    Whoever edits meanwhile seals by the newest key what they edit, and nothing else of the row:
    what is in the way of a replacement is read again.
    """
    before: Signing | None = read
    while before is not None and (after := sealing.anew(before)) is not None:
        if await repository.replace(before, after):
            return True
        before = await repository.find(before.organization_id, before.endpoint_id)
    return False
