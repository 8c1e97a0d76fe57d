"""Where the world is kept, so that it survives `kill -9`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""
_PUT = "INSERT OR REPLACE INTO documents (kind, id, body) VALUES (?, ?, ?)"
_DROP = "DELETE FROM documents WHERE kind = ? AND id = ?"
_APPEND = "INSERT INTO journal (seq, body) VALUES (?, ?)"


def encode(value: object) -> str:
    """Compact JSON of plain values and dataclasses; half an emoji is left as its escape."""
    text = json.dumps(value, default=vars, separators=(",", ":"), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=vars, separators=(",", ":"))
    return text


class Store(Protocol):
    """Documents by kind and id, and one journal; nothing is kept before `commit`."""

    def put(self, kind: str, key: str, value: object) -> None:
        """Keep a document."""

    def drop(self, kind: str, key: str) -> None:
        """Forget a document."""

    def append(self, seq: int, entry: dict[str, Any]) -> None:
        """Add to the journal."""

    def commit(self) -> None:
        """Keep everything since the last commit, or nothing of it."""

    def documents(self, kind: str) -> Iterator[dict[str, Any]]:
        """What was kept of one kind."""

    def entries(self) -> Iterator[dict[str, Any]]:
        """What was kept of the journal, in order."""

    def close(self) -> None:
        """Let go of the file."""


class MemoryStore:
    """Keeps nothing: the world's own objects are all there is."""

    def put(self, kind: str, key: str, value: object) -> None:
        """Nothing to do."""

    def drop(self, kind: str, key: str) -> None:
        """Nothing to do."""

    def append(self, seq: int, entry: dict[str, Any]) -> None:
        """Nothing to do."""

    def commit(self) -> None:
        """Nothing to do."""

    def documents(self, kind: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002 - the port's name
        """Nothing was kept."""
        return iter(())

    def entries(self) -> Iterator[dict[str, Any]]:
        """Nothing was kept."""
        return iter(())

    def close(self) -> None:
        """Nothing to do."""


class SqliteStore:
    """One SQLite file in WAL mode; a commit outlives the process, though not a power cut."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_SCHEMA)
        self._documents: dict[tuple[str, str], object | None] = {}
        self._entries: list[tuple[int, dict[str, Any]]] = []

    def put(self, kind: str, key: str, value: object) -> None:
        """Keep a document as it is at the next commit."""
        self._documents[kind, key] = value

    def drop(self, kind: str, key: str) -> None:
        """Forget a document at the next commit."""
        self._documents[kind, key] = None

    def append(self, seq: int, entry: dict[str, Any]) -> None:
        """Add to the journal at the next commit."""
        self._entries.append((seq, entry))

    def commit(self) -> None:
        """Write in one transaction."""
        if not self._documents and not self._entries:
            return
        execute = self._database.execute
        execute("BEGIN IMMEDIATE")
        try:
            for (kind, key), value in self._documents.items():
                if value is None:
                    execute(_DROP, (kind, key))
                else:
                    execute(_PUT, (kind, key, encode(value)))
            for seq, entry in self._entries:
                execute(_APPEND, (seq, encode(entry)))
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise
        self._documents.clear()
        self._entries.clear()

    def documents(self, kind: str) -> Iterator[dict[str, Any]]:
        """Read one kind."""
        rows = self._database.execute("SELECT body FROM documents WHERE kind = ?", (kind,))
        return (json.loads(body) for (body,) in rows.fetchall())

    def entries(self) -> Iterator[dict[str, Any]]:
        """Read the journal."""
        rows = self._database.execute("SELECT body FROM journal ORDER BY seq")
        return (json.loads(body) for (body,) in rows)

    def close(self) -> None:
        """Write what is left and close the file."""
        self.commit()
        self._database.close()
