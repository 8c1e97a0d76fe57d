"""servicekit.storage: files in a folder; `make storage` has the same of a bucket."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicekit.storage.files import FileGone, Files
from servicekit.storage.sealing import PIECE, FileUnreadable, Keys, opened, sealed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


async def some(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


class Kept:
    """Files in a folder, with keys and a clock that tests change."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOON
        self.keys = Keys.of_text(new_key())
        self.files = Files.at(folder.as_uri(), lambda: self.keys, lambda: self.now)

    def stored(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "files")


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7])
async def test_what_is_written_is_read(kept: Kept, size: int) -> None:
    """Of every size, around the borders of pieces above all; nothing of it lies there readable."""
    content = os.urandom(size)

    written = await kept.files.write("exports/leads.csv", some(content), keep=DAY)

    assert await whole(kept.files.read(written.reference)) == content
    assert written.expires_at == NOON + DAY
    (path,) = kept.stored()
    assert size < 32 or content[:32] not in path.read_bytes()


async def test_what_has_expired_is_gone(kept: Kept) -> None:
    """It is not read any more, and forgotten at the next round; the others stay."""
    short = await kept.files.write("a", some(b"short"), keep=DAY)
    long = await kept.files.write("a", some(b"long"), keep=2 * DAY)
    kept.now += DAY

    with pytest.raises(FileGone):
        await whole(kept.files.read(short.reference))
    assert await kept.files.delete_expired() == 1
    assert await kept.files.delete_expired() == 0
    assert await whole(kept.files.read(long.reference)) == b"long"


async def test_what_is_forgotten_is_gone(kept: Kept) -> None:
    """Also when it is forgotten twice."""
    written = await kept.files.write("a", some(b"x"), keep=DAY)

    await kept.files.delete(written.reference)
    await kept.files.delete(written.reference)

    with pytest.raises(FileGone):
        await whole(kept.files.read(written.reference))


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a b", ".hidden"])
async def test_a_name_leads_nowhere_else(kept: Kept, name: str) -> None:
    """Neither to write nor to read."""
    with pytest.raises(ValueError, match="letters"):
        await kept.files.write(name, some(b"x"), keep=DAY)
    with pytest.raises(FileGone):
        await whole(kept.files.read(f"until-20990101T000000Z/{name}"))


async def test_keys_change(kept: Kept) -> None:
    """The new one in front seals, the old one still opens; without it nothing does."""
    before, after = new_key(), new_key()
    kept.keys = Keys.of_text(before)
    written = await kept.files.write("a", some(b"x"), keep=DAY)

    kept.keys = Keys.of_text(f"{after},{before}")
    assert await whole(kept.files.read(written.reference)) == b"x"
    kept.keys = Keys.of_text(after)
    with pytest.raises(FileUnreadable):
        await whole(kept.files.read(written.reference))


@pytest.mark.parametrize(
    "text", ["", "short", new_key()[:-8], "%%%"], ids=["none", "short", "cut", "not base 64"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """At the start, not at the first file."""
    with pytest.raises(ValueError, match="key"):
        Keys.of_text(text)


async def test_no_file_takes_the_place_of_another(kept: Kept) -> None:
    """Nor may its time be made longer: both are sealed in."""
    written = await kept.files.write("a", some(b"x"), keep=DAY)
    (path,) = kept.stored()
    other = kept.folder / "until-20990101T000000Z" / "a"
    other.parent.mkdir()
    path.rename(other)

    with pytest.raises(FileUnreadable):
        await whole(kept.files.read("until-20990101T000000Z/a"))
    assert written.reference != "until-20990101T000000Z/a"


KEYS = Keys.of_text(new_key())
SEALED = asyncio.run(whole(sealed(KEYS, "a", some(bytes(2 * PIECE + 5)))))


@given(st.data())
@settings(max_examples=25)
def test_whatever_is_changed_is_noticed(data: st.DataObject) -> None:
    """A bit turned, an end cut off, pieces exchanged or dropped: nothing of it passes as whole."""
    stored = bytearray(SEALED)
    sealed_piece, first = PIECE + 16, 19
    match data.draw(st.sampled_from(["bit", "cut", "exchange", "drop"])):
        case "bit":
            stored[data.draw(st.integers(0, len(stored) - 1))] ^= 1
        case "cut":
            del stored[data.draw(st.integers(0, len(stored) - 1)) :]
        case "exchange":
            one = stored[first : first + sealed_piece]
            two = stored[first + sealed_piece : first + 2 * sealed_piece]
            stored[first : first + 2 * sealed_piece] = two + one
        case "drop":
            del stored[first : first + sealed_piece]
        case other:
            raise AssertionError(other)

    with pytest.raises(FileUnreadable):
        asyncio.run(whole(opened(KEYS, "a", some(bytes(stored)))))
