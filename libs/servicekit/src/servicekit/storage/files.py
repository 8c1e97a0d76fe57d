"""The port: write a file, read it, forget it; a folder or an S3-compatible bucket behind it.

The store itself is obstore's (the object_store crate): `file:///var/lib/outreach` and
`s3://bucket/prefix` alike, the latter by the names that every S3 tool knows (`AWS_ENDPOINT`,
`AWS_REGION`, `AWS_ACCESS_KEY_ID`, roles and web identities).
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import from_url

from servicekit.errors import NotFound, Unavailable
from servicekit.storage.sealing import Keys, opened, sealed

_PATIENCE = timedelta(seconds=15)
_UNTIL = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,7}")
_REFERENCE = re.compile(r"until-(\d{8}T\d{6}Z)/(.+)")


class FileGone(NotFound):
    """There is no such file, or it has expired."""


class StorageUnavailable(Unavailable):
    """Where files are kept cannot be reached for the moment."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file that was written."""

    reference: str
    """By which it is read: what a row keeps. It says until when."""
    expires_at: datetime


class Files:
    """Encrypted files, each until its time."""

    def __init__(self, store: Any, keys: Callable[[], Keys], now: Callable[[], datetime]) -> None:
        self._store = store
        self._keys = keys
        self._now = now

    @classmethod
    def at(cls, url: str, keys: Callable[[], Keys], now: Callable[[], datetime]) -> "Files":
        """In a folder (`file:///…`), which is made, or in a bucket (`s3://…`).

        Raises `ValueError` for any other address.
        """
        if not url.startswith(("file:///", "s3://")):
            raise ValueError("must be file:///FOLDER or s3://BUCKET/PREFIX")
        options: dict[str, Any] = {"mkdir": True}
        if url.startswith("s3:"):
            options = {"retry_config": {"max_retries": 3, "retry_timeout": _PATIENCE}}
        return cls(from_url(url, **options), keys, now)

    async def write(
        self, name: str, content: AsyncIterator[bytes], *, keep: timedelta
    ) -> StoredFile:
        """Keep content under a name; it is there as a whole, or not at all.

        Raises `ValueError` for a name that is none, and `StorageUnavailable`.
        """
        if not _NAME.fullmatch(name):
            raise ValueError("a name has letters, digits and . _ - between slashes")
        # Seconds are what a reference tells, and so what holds.
        expires_at = (self._now() + keep).astimezone(UTC).replace(microsecond=0)
        reference = f"until-{expires_at.strftime(_UNTIL)}/{name}"
        with _reached():
            await obstore.put_async(
                self._store, reference, sealed(self._keys(), reference, content)
            )
        return StoredFile(reference=reference, expires_at=expires_at)

    async def read(self, reference: str) -> AsyncIterator[bytes]:
        """The content, piece by piece.

        Raises `FileGone`, `FileUnreadable` where it is not what was written, `StorageUnavailable`.
        """
        expires_at = _expiry_of(reference)
        if expires_at is None or expires_at <= self._now():
            raise FileGone
        with _reached():
            stored = (await obstore.get_async(self._store, reference)).stream()
            async for piece in opened(self._keys(), reference, _bytes_of(stored)):
                yield piece

    async def delete(self, reference: str) -> None:
        """Forget a file; one that is not there is forgotten. Raises `StorageUnavailable`."""
        if _expiry_of(reference) is None:
            return
        try:
            with _reached():
                await obstore.delete_async(self._store, reference)
        except FileGone:
            return

    async def delete_expired(self) -> int:
        """Forget what has expired, and say how much. Raises `StorageUnavailable`."""
        expired: list[str] = []
        with _reached():
            async for batch in obstore.list(self._store):
                paths = [str(each["path"]) for each in batch]
                expired += [path for path in paths if self._has_expired(path)]
        for reference in expired:
            await self.delete(reference)
        return len(expired)

    def _has_expired(self, reference: str) -> bool:
        expires_at = _expiry_of(reference)
        return expires_at is not None and expires_at <= self._now()


def _expiry_of(reference: str) -> datetime | None:
    """Until when a file is kept; None for what is no reference."""
    found = _REFERENCE.fullmatch(reference)
    if found is None or not _NAME.fullmatch(found[2]):
        return None
    try:
        return datetime.strptime(found[1], _UNTIL).replace(tzinfo=UTC)
    except ValueError:
        return None


async def _bytes_of(stored: Any) -> AsyncIterator[bytes]:
    async for chunk in stored:
        yield bytes(chunk)


class _reached:  # noqa: N801 - reads as a word of the `with`
    """The store's errors as those of our tree."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, (NotFoundError, FileNotFoundError)):
            raise FileGone from error
        if isinstance(error, (BaseError, OSError)):
            raise StorageUnavailable from error
