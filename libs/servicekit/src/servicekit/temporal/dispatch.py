"""Activities as a worker serves them: whatever fails of one fails inside of the interceptors.

The SDK looks an activity up, and turns its input and its result into values and back, outside of
them. What failed there was tried again for ever, and no policy of bugs heard of it.
"""

from collections.abc import Callable, Sequence
from typing import Any, get_type_hints

from temporalio import activity
from temporalio.common import RawValue


class ActivityUnknown(Exception):
    """No activity of this type is served here: its worker is older than the workflow, or newer."""


def served(activities: Sequence[Callable[..., Any]]) -> list[Callable[..., Any]]:
    """The activities, and one for whatever else is asked of the worker."""
    return [*map(_converting, activities), unknown]


@activity.defn(dynamic=True)
async def unknown(_: Sequence[RawValue]) -> None:
    """Raise `ActivityUnknown`: an attempt that is counted as any other."""
    raise ActivityUnknown(activity.info().activity_type)


def _converting(run: Callable[..., Any]) -> Callable[..., Any]:
    """The activity with its one input, and its result, converted inside; another one as it is."""
    hints = get_type_hints(run)
    hints.pop("return", None)
    if len(hints) != 1:
        return run
    (hint,) = hints.values()
    name = activity._Definition.must_from_callable(run).name  # noqa: SLF001 - nothing else has it

    async def converted(given: RawValue) -> RawValue:
        converter = activity.payload_converter()
        result = await run(converter.from_payload(given.payload, hint))
        return RawValue(converter.to_payload(result))

    return activity.defn(name=name)(converted)
