"""What the environment says of Temporal, as far as it can be judged without its SDK."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from servicekit.settings.encryption import is_temporal_encrypted
from servicekit.settings.key_texts import KEYS_EXPECTED, read_keys
from servicekit.settings.refusals import Refusal

PAYLOAD_KEYS = "TEMPORAL_PAYLOAD_KEYS"
PAYLOAD_KEYS_FILE = "TEMPORAL_PAYLOAD_KEYS_FILE"
PAYLOADS_SEALED = "TEMPORAL_PAYLOADS_SEALED"
API_KEY_FILE = "TEMPORAL_API_KEY_FILE"
_PAIR = ("TEMPORAL_CLIENT_CERT", "TEMPORAL_CLIENT_KEY")
_FILES = (
    API_KEY_FILE,
    PAYLOAD_KEYS_FILE,
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
)
T = TypeVar("T")
_EXPECTED = "a client certificate and its key, both PEM in base64, or neither"


def temporal_refusals(environ: Mapping[str, str]) -> Iterator[Refusal]:
    """Certificates without keys, keys given twice, and files that cannot be read."""
    if environ.get(API_KEY_FILE) and environ.get("TEMPORAL_API_KEY"):
        yield Refusal(
            setting=API_KEY_FILE,
            problem="is given beside the key itself",
            expected=f"set only one of TEMPORAL_API_KEY, {API_KEY_FILE}",
        )
    given = {name: environ.get(name, "").strip() for name in _PAIR}
    if any(given.values()):
        for name, text in given.items():
            if not text:
                problem = f"is not set: {' and '.join(_PAIR)} go together"
                yield Refusal(setting=name, problem=problem, expected=_EXPECTED)
            elif decoded(text) is None:
                yield Refusal(setting=name, problem="must be base64", expected=_EXPECTED)
    yield from _payload_refusals(environ)
    for name in _FILES:
        if path := environ.get(name):
            yield from _unreadable(name, path)


def temporal_tls_refusals(environ: Mapping[str, str], *, by_mesh: str) -> Iterator[Refusal]:
    """What workflows carry would cross the network as text; `by_mesh` is what says it may."""
    if not is_temporal_encrypted(environ):
        yield Refusal(
            setting="TEMPORAL_TLS",
            problem="is not true, and nothing else has Temporal reached by TLS",
            expected=f"true, or {by_mesh}=MESH, the one that encrypts",
        )


def payload_keys(lines: Sequence[str], cipher: Callable[[bytes], T]) -> dict[bytes, T]:
    """Ciphers by the ids of their keys, in the order of the keys, parted by commas or lines.

    Raises `ValueError` for none, and for what is none.
    """
    return {_key_id(key): cipher(key) for key in read_keys(lines)}


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"payload key id" + key).hexdigest()[:16].encode()


def _payload_refusals(environ: Mapping[str, str]) -> Iterator[Refusal]:
    keys, path = environ.get(PAYLOAD_KEYS, ""), environ.get(PAYLOAD_KEYS_FILE, "")
    if keys and path:
        problem = "is given beside the keys themselves"
        expected = f"set only one of {PAYLOAD_KEYS}, {PAYLOAD_KEYS_FILE}"
        yield Refusal(setting=PAYLOAD_KEYS_FILE, problem=problem, expected=expected)
    for setting, texts in ((PAYLOAD_KEYS, [keys]), (PAYLOAD_KEYS_FILE, _lines(path))):
        try:
            if any(texts):
                read_keys(texts)
        except ValueError:
            yield Refusal(setting=setting, problem="has no keys", expected=KEYS_EXPECTED)
    sealed = environ.get(PAYLOADS_SEALED, "").lower()
    if sealed not in {"", "true", "false"}:
        yield Refusal(setting=PAYLOADS_SEALED, problem="is neither", expected="true or false")
    if sealed == "true" and not (keys or path):
        problem = "asks for keys, and there are none"
        yield Refusal(
            setting=PAYLOADS_SEALED, problem=problem, expected=f"{PAYLOAD_KEYS} beside it"
        )


def _lines(path: str) -> Sequence[str]:
    """What a file has on its lines; nothing of one that cannot be read, which is told elsewhere."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as below
            return file.read().splitlines()
    except OSError:
        return ()


def decoded(text: str) -> bytes | None:
    """What is in base64, however it is broken into lines; None for what is not."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        return None


def _unreadable(name: str, path: str) -> Iterator[Refusal]:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a name of the environment, as it stands
            empty = not file.read().strip()
    except OSError as error:
        yield Refusal(
            setting=name,
            problem=f"names what cannot be read: {error.strerror}",
            expected="a file that this process may read",
        )
    else:
        if empty:
            yield Refusal(
                setting=name, problem="names an empty file", expected="a file with the credential"
            )
