"""A campaign or a list, by its id alone."""

from collections.abc import Mapping
from typing import Any


def destination(into: str) -> Mapping[str, Any]:
    """As requests about imports name it."""
    return {"lead_list_id" if into.startswith("list_") else "campaign_id": into}
