"""The worker's own activities, any of which can be given a bug."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Self, get_type_hints

from outreach_worker.worker import Activities
from temporalio import activity


@dataclass(frozen=True, kw_only=True)
class BreakableActivities(Activities):
    """Those in `broken` take effect, and raise what nobody foresaw."""

    broken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, activities: Activities) -> Self:
        return cls(**{each.name: getattr(activities, each.name) for each in fields(activities)})

    def all(self) -> list[Callable[..., Any]]:
        return [self._breakable(each) for each in super().all()]

    def _breakable(self, method: Callable[..., Any]) -> Callable[..., Any]:
        name = activity._Definition.must_from_callable(method).name or ""

        async def run(argument: Any) -> Any:
            result = await method(argument)
            if name in self.broken:
                raise KeyError(name)
            return result

        hints = get_type_hints(method)
        result = hints.pop("return")
        (argument,) = hints.values()
        run.__annotations__ = {"argument": argument, "return": result}
        return activity.defn(name=name)(run)
