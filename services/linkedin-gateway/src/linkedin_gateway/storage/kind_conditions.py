"""What a kind is, as SQL on rows that have the column `kind`.

No statement lists kinds by itself: a kind that is added would be missing there, without a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from linkedin_gateway.kinds.registry import MAKE_MESSAGES, PUBLIC, READS
from linkedin_gateway.models import Kind


def _listed(kinds: Iterable[Kind]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in sorted(kinds))


# What the index of an account's writes says, word for word.
IS_WRITE: Final = f"kind NOT IN ({_listed(READS)})"
IS_PUBLIC: Final = f"kind IN ({_listed(PUBLIC)})"
MAKES_MESSAGE: Final = f"kind IN ({_listed(MAKE_MESSAGES)})"
