"""A setting with which a service does not start: its name, what is wrong, what is expected."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

EXIT_REFUSED = os.EX_CONFIG
"""78: to start again with the same settings is of no use."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One setting; none of the three sentences holds its value."""

    setting: str
    problem: str
    expected: str

    def __str__(self) -> str:
        return f"{self.setting} {self.problem}; expected: {self.expected}"


class SettingsRefused(ValueError):
    """Settings that are wrong, missing, or unsafe: each of them by its name."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("\n".join(map(str, refusals)))
        self.refusals = tuple(refusals)

    def lines(self, service: str) -> Iterator[str]:
        """One JSON object for each setting."""
        for refusal in self.refusals:
            yield json.dumps(
                {
                    "event": "setting_refused",
                    "level": "error",
                    "service": service,
                    "setting": refusal.setting,
                    "problem": refusal.problem,
                    "expected": refusal.expected,
                    "timestamp": datetime.now(UTC).isoformat(),
                },
                ensure_ascii=False,
            )


def require_none(refusals: Iterator[Refusal]) -> None:
    """Raise `SettingsRefused` if there are any."""
    if refused := list(refusals):
        raise SettingsRefused(refused)


@contextmanager
def blaming(setting: str, *, expected: str) -> Iterator[None]:
    """Whatever making something of a setting's value raises is that setting's fault.

    Raises `SettingsRefused`, which names it.
    """
    try:
        yield
    except SettingsRefused:
        raise
    except Exception as error:
        why = str(error) or type(error).__name__
        problem = f"cannot be used: {why}"
        raise SettingsRefused(
            [Refusal(setting=setting, problem=problem, expected=expected)]
        ) from error
