"""The worker's own activities, any of which can be given a bug."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Self, get_type_hints

from outreach_worker.worker import Activities
from temporalio import activity


@dataclass(frozen=True, kw_only=True)
class Bug:
    """From which call on an activity raises what nobody foresaw, and whether it takes effect."""

    activity: str
    spared: int = 0
    takes_effect: bool = True


@dataclass(frozen=True, kw_only=True)
class BreakableActivities(Activities):
    """Those in `broken` take effect, and raise what nobody foresaw.

    `bugs` are those of single campaigns; `calls` counts what each has called.
    """

    broken: set[str] = field(default_factory=set)
    bugs: dict[str, tuple[Bug, ...]] = field(default_factory=dict)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, activities: Activities) -> Self:
        return cls(**{each.name: getattr(activities, each.name) for each in fields(activities)})

    def all(self) -> list[Callable[..., Any]]:
        return [self._breakable(each) for each in super().all()]

    def _breakable(self, method: Callable[..., Any]) -> Callable[..., Any]:
        name = name_of(method)

        async def run(argument: Any) -> Any:
            campaign_id = getattr(argument, "step", argument).campaign_id
            bug = self._bug(campaign_id, name)
            self.calls[campaign_id, name] += 1
            if bug is not None and not bug.takes_effect:
                raise KeyError(name)
            result = await method(argument)
            if name in self.broken or bug is not None:
                raise KeyError(name)
            return result

        hints = get_type_hints(method)
        result = hints.pop("return")
        (argument,) = hints.values()
        run.__annotations__ = {"argument": argument, "return": result}
        return activity.defn(name=name)(run)

    def _bug(self, campaign_id: str, name: str) -> Bug | None:
        return next(
            (
                bug
                for bug in self.bugs.get(campaign_id, ())
                if bug.activity == name and self.calls[campaign_id, name] >= bug.spared
            ),
            None,
        )


def name_of(method: Callable[..., Any]) -> str:
    """The name that workflows call an activity by."""
    return activity._Definition.must_from_callable(method).name or ""
