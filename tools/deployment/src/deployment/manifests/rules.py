"""Layer three: the rules in CEL that operators' schemas carry (`x-kubernetes-validations`)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from deployment.manifests.objects import Object, title
from deployment.manifests.schemas import Schemas

RULES = "x-kubernetes-validations"


def findings(objects: Iterable[Object], schemas: Schemas) -> Iterator[str]:
    """Rules that do not hold.

    One that reads what the API server would have filled in cannot be evaluated here, and is left
    to it; so is one about what there was before.
    """
    for each in objects:
        schema = schemas.custom(each["apiVersion"], each["kind"])
        if schema is not None:
            for message in _broken(schema, each):
                yield f"{title(each)}: {message}"


def _broken(schema: Any, value: Any) -> Iterator[str]:
    for rule in schema.get(RULES, []):
        if "oldSelf" not in rule["rule"] and not _holds(rule["rule"], value):
            yield str(rule.get("message", rule["rule"]))
    if isinstance(value, dict):
        more = schema.get("additionalProperties")
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, more)
            if isinstance(inner, dict):
                yield from _broken(inner, part)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for part in value:
            yield from _broken(schema["items"], part)


def _holds(rule: str, value: Any) -> bool:
    # Installed for this alone, and slow to load: most renderings have nothing to evaluate.
    import celpy  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    try:
        answer = _program(rule).evaluate({"self": celpy.json_to_cel(value)})
    except celpy.CELEvalError:
        return True
    return bool(answer)


@functools.cache
def _program(rule: str) -> Any:
    import celpy  # noqa: PLC0415

    environment = celpy.Environment()
    return environment.program(environment.compile(rule))
