"""servicekit.storage against a server that speaks S3: `make storage`."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from devstack.stack.loopback import free_ports, loopback_client
from servicekit.storage.files import FileGone, Files, StorageUnavailable
from servicekit.storage.sealing import PIECE, Keys

SERVER = os.environ.get("STORAGE_SERVER", "")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.skipif(not SERVER, reason="its server is installed by make storage")


async def some(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


class Bucket:
    """A server with one bucket."""

    def __init__(self, url: str, process: asyncio.subprocess.Process) -> None:
        self.url, self.process, self.now = url, process, NOON
        keys = Keys.of_text(base64.urlsafe_b64encode(os.urandom(32)).decode())
        self.files = Files.at("s3://outreach/files", lambda: keys, lambda: self.now)

    async def keys(self) -> str:
        """What the server lists, as it tells it."""
        async with loopback_client() as http:
            return (await http.get(f"{self.url}/outreach?list-type=2")).text


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    for name, value in {
        "AWS_ENDPOINT": url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "a-secret-for-tests-only",
    }.items():
        monkeypatch.setenv(name, value)
    process = await asyncio.create_subprocess_exec(
        Path(SERVER), "-H", "127.0.0.1", "-p", str(port), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60), loopback_client() as http:
            while True:
                try:
                    if (await http.put(f"{url}/outreach")).is_success:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        yield Bucket(url, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_a_bucket_keeps_files_as_a_folder_does(bucket: Bucket) -> None:
    """Written in many parts, listed under the prefix, read, expired, forgotten."""
    content = os.urandom(12 * PIECE + 3)
    long = await bucket.files.write("exports/leads.csv", some(content), keep=2 * DAY)
    short = await bucket.files.write("a", some(b"x"), keep=DAY)
    bucket.now += DAY

    assert f"files/{long.reference}" in await bucket.keys()
    assert await whole(bucket.files.read(long.reference)) == content
    with pytest.raises(FileGone):
        await whole(bucket.files.read(short.reference))
    assert await bucket.files.delete_expired() == 1
    await bucket.files.delete(long.reference)
    with pytest.raises(FileGone):
        await whole(bucket.files.read(long.reference))
    assert "until-" not in await bucket.keys()


async def test_a_bucket_that_is_away_is_no_missing_file(bucket: Bucket) -> None:
    """Who asks is told to come again."""
    written = await bucket.files.write("a", some(b"x"), keep=DAY)
    bucket.process.terminate()
    await bucket.process.wait()

    with pytest.raises(StorageUnavailable):
        await whole(bucket.files.read(written.reference))
