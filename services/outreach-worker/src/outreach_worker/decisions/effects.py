"""How a decision is brought about and taken back: one class a kind, by the RPCs that people use."""

from __future__ import annotations

from typing import Protocol

from automation.decisions.decision import Change, Decision


class Overtaken(Exception):
    """A person has changed the same thing meanwhile: theirs stays. `reason` is an error's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Effect(Protocol):
    """What a kind of decision changes. Both ways are safe to repeat."""

    async def apply(self, decision: Decision) -> Change:
        """Bring it about; returns how things were found, and are now.

        Raises `Overtaken`, and whatever the service asked raises.
        """

    async def take_back(self, decision: Decision) -> None:
        """Have things as they were before it.

        Raises `Overtaken`, and whatever the service asked raises.
        """
