"""What is remembered between commands, of each profile: what was last, and names for completion.

All of it may be forgotten: what cannot be read is nothing, and what cannot be kept is not.
"""

import contextlib
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from outreach_client.names.nouns import Noun
from outreach_client.profiles.folders import config_folder, write_private

Names = Mapping[str, str]
"""Names by ids."""


def memory_file(profile: str) -> Path:
    """Of a profile."""
    return config_folder() / "remembered" / f"{profile}.json"


def last(profile: str, *nouns: Noun) -> str:
    """The id of what was made or shown last of these kinds; "" of none."""
    known = _read(profile).get("last", {})
    found = [id_ for noun, id_ in known.items() if noun in nouns and isinstance(id_, str)]
    return found[-1] if found else ""


def note_last(profile: str, ids: Iterable[tuple[Noun, str]]) -> None:
    """Remember ids as the last ones of their kind."""
    noted = {noun.value: id_ for noun, id_ in ids}
    content = _read(profile)
    known = content.get("last", {})
    # In the order of time, the latest at the end.
    after = {noun: id_ for noun, id_ in known.items() if noun not in noted} | noted
    if [*after.items()] != [*known.items()]:
        content["last"] = after
        _write(profile, content)


def names(profile: str, noun: Noun) -> Names:
    """As they were when they were read last."""
    found = _read(profile).get("names", {}).get(noun.value, {})
    return found if isinstance(found, dict) else {}


def note_names(profile: str, noun: Noun, named: Names) -> None:
    """Remember all names of a kind, and that this is of now."""
    content = _read(profile)
    content.setdefault("names", {})[noun.value] = dict(named)
    content["read_at"] = time.time()
    _write(profile, content)


def age(profile: str) -> float:
    """How many seconds ago names were read."""
    read_at = _read(profile).get("read_at")
    return time.time() - read_at if isinstance(read_at, (int, float)) else float("inf")


def note_attempt(profile: str) -> None:
    """Have nobody read names again for a while, also where that fails."""
    content = _read(profile)
    content["read_at"] = time.time()
    _write(profile, content)


def _read(profile: str) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        content = json.loads(memory_file(profile).read_text(encoding="utf-8"))
        if isinstance(content, dict) and all(
            isinstance(content.get(part, {}), dict) for part in ("last", "names")
        ):
            return content
    return {}


def _write(profile: str, content: dict[str, Any]) -> None:
    with contextlib.suppress(OSError, ValueError):
        write_private(memory_file(profile), json.dumps(content, ensure_ascii=False))
