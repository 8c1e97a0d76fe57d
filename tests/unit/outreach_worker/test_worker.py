"""outreach_worker.worker: what runs there."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import Any

import outreach_worker
from outreach_worker.automation_composition import ProgramActivities
from outreach_worker.worker import Activities, fitted
from temporalio import activity


class Named:
    """Has whatever it is asked for, by its name."""

    def __getattr__(self, name: str) -> str:
        return name


def declared() -> Iterator[str]:
    """The activities that contracts declare, by the names of their methods."""
    for module in walk_packages(outreach_worker.__path__, "outreach_worker."):
        if module.name.endswith("contracts"):
            for found in vars(import_module(module.name)).values():
                yield from activities_of(found)


def activities_of(found: Any) -> Iterator[str]:
    for name, method in vars(found).items() if isinstance(found, type) else ():
        if callable(method) and activity._Definition.from_callable(method) is not None:
            yield name


def test_every_activity_of_a_contract_is_served() -> None:
    """One that no worker knew was asked for again and again: what an owner wrote by hand was lost.

    A workflow that asks for it never ends.
    """
    parts = SimpleNamespace(**dict.fromkeys(Activities.__annotations__, Named()))

    named = SimpleNamespace(**dict.fromkeys(ProgramActivities.__annotations__, Named()))
    parts.program = SimpleNamespace(all=lambda: ProgramActivities.all(named))  # type: ignore[arg-type]

    fitting = SimpleNamespace(fit_model="fit_model")
    served = [
        *Activities.all(parts),  # type: ignore[arg-type]
        *fitted(fitting),  # type: ignore[arg-type]
    ]

    # Of a program's: its field, `all` and `compose_programs` of automation_composition.py.
    assert not {*declared()} - {*served}, "add them to `all` of worker.py or ProgramActivities"  # type: ignore[operator]
    assert sorted(served) == sorted({*declared()})  # type: ignore[type-var]
