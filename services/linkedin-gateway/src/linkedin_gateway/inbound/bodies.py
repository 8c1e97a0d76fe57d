"""The bodies of webhooks, read without keeping anybody waiting."""

from __future__ import annotations

import asyncio
from typing import Any

from linkedin_gateway.unipile import document

_READ_AT_ONCE = 64 * 1024
"""Bytes; a longer body is read while others are served, the longest takes seconds."""


async def read_body(raw: bytes | None) -> dict[str, Any] | None:
    """The JSON object that a body is; None if it is none, or cannot be opened."""
    if raw is None:
        return None
    return document(raw) if len(raw) <= _READ_AT_ONCE else await asyncio.to_thread(document, raw)
