"""Lists that are sent in pieces, however large they are."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import isawaitable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

PIECE_BYTES = 256 * 1024

Source = Path | str | bytes | BinaryIO
"""A file by its path, what is in it, or one that is open and is read from its beginning."""

Request = TypeVar("Request")


@dataclass(frozen=True)
class Progress:
    """How much of a list has been handed over to be sent."""

    sent: int
    total: int
    """Both in bytes."""


OnProgress = Callable[[Progress], object]
"""Is told; what it answers is awaited, where that can be."""


@dataclass(frozen=True)
class Opened:
    """A source that can be read, and how many bytes it has."""

    file: BinaryIO
    total: int


class NotReadToItsEnd(Exception):
    """What is sent could not be read, or who was told of it failed: with `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def opened(source: Source) -> Iterator[Opened]:
    """The source, measured; what was opened for it is closed.

    Raises what opening and measuring do, and `TypeError` for a file that was opened as text.
    """
    file = _open(source)
    try:
        if not isinstance(file.read(0), bytes):
            raise TypeError("The file is open as text; a list is read as bytes, of mode 'rb'.")
        yield Opened(file, file.seek(0, 2))
    finally:
        if isinstance(source, Path | str):
            file.close()


async def pieces(
    source: Opened,
    header: Request,
    piece: Callable[[bytes], Request],
    progress: OnProgress | None = None,
    *,
    offset: int = 0,
) -> AsyncIterator[Request]:
    """The header, then the source from a place on; `progress` is told after each piece.

    The next piece is read when there is room for it. Raises `NotReadToItsEnd` for what reading
    and `progress` raise, so that it is not taken for an answer of the server.
    """
    yield header
    sent = offset
    try:
        source.file.seek(offset)
        while content := source.file.read(PIECE_BYTES):
            yield piece(content)
            sent += len(content)
            if progress is not None:
                told = progress(Progress(sent, source.total))
                if isawaitable(told):
                    await told
    except Exception as error:
        raise NotReadToItsEnd(error) from error


def hash_of(source: Opened) -> str:
    """SHA-256 of the source; raises `NotReadToItsEnd` for what reading it raises."""
    told = hashlib.sha256()
    try:
        source.file.seek(0)
        while content := source.file.read(PIECE_BYTES):
            told.update(content)
    except Exception as error:
        raise NotReadToItsEnd(error) from error
    return told.hexdigest()


class Sending(Generic[Request]):
    """What is sent, which keeps what ended it: of that gRPC tells nobody, and cancels the call."""

    def __init__(self, requests: AsyncIterable[Request]) -> None:
        self._requests = requests
        self.error: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[Request]:
        try:
            async for request in self._requests:
                yield request
        except Exception as error:
            self.error = error
            raise


def _open(source: Source) -> BinaryIO:
    if isinstance(source, bytes):
        return BytesIO(source)
    return Path(source).open("rb") if isinstance(source, Path | str) else source
