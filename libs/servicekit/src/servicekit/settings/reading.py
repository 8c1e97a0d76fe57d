"""Read the environment of a service, and find all that is wrong with it at once."""

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from servicekit.clock import SANDBOX_CLOCK, Clock
from servicekit.settings.descriptions import description_of
from servicekit.settings.environment import name_of_field
from servicekit.settings.refusals import Refusal, SettingsRefused
from servicekit.settings.service_settings import REFUSED_LATER, ServiceSettings
from servicekit.settings.temporal_settings import temporal_refusals, temporal_tls_refusals

Settings = TypeVar("Settings", bound=ServiceSettings)

_ANYTHING = "unset.invalid.unset.invalid"
"""In place of what is required and wrong, so that the rest can be looked at too."""


def read(
    settings: type[Settings], environ: Mapping[str, str] = os.environ
) -> tuple[Settings, Clock]:
    """A service's settings and its clock.

    Raises `SettingsRefused` with every setting that is missing, wrong or unsafe.
    """
    values, clock, refused = _looked_at(settings, environ, temporal=settings.uses_temporal)
    if refused:
        raise SettingsRefused(refused)
    return values, clock


def read_to_migrate(
    settings: type[Settings], environ: Mapping[str, str] = os.environ
) -> tuple[Settings, Clock]:
    """The same for a command that migrates, which serves and calls nobody: it needs no keys.

    Raises `SettingsRefused` with what is missing, wrong or unsafe of what migrations use: how the
    owner reaches each database, the log, and Temporal where they change something there.
    """
    values, clock, refused = _looked_at(settings, environ, temporal=settings.migrates_temporal)
    used = {*_used_to_migrate(values, wrong={refusal.setting for refusal in refused})}
    refused = [each for each in refused if each.setting in used or each.setting[:9] == "TEMPORAL_"]
    if refused:
        raise SettingsRefused(refused)
    return values, clock


def _looked_at(
    settings: type[Settings], environ: Mapping[str, str], *, temporal: bool
) -> tuple[Settings, Clock, list[Refusal]]:
    refused: list[Refusal] = []
    clock = Clock.real_time()
    try:
        clock = Clock.from_env(environ)
    except ValueError as error:
        expected = "<epoch>,<speed>, both numbers, or nothing outside of the sandbox"
        refused.append(Refusal(setting=SANDBOX_CLOCK, problem=str(error), expected=expected))
    values, wrong = _values(settings)
    refused += wrong
    named = {refusal.setting for refusal in refused}
    if SANDBOX_CLOCK not in named:
        unsafe = values.refusals(sandbox=clock.sandbox)
        refused += [refusal for refusal in unsafe if refusal.setting not in named]
    if temporal:
        refused += temporal_refusals(environ)
        if not clock.sandbox and not values.tls_by_mesh and SANDBOX_CLOCK not in named:
            refused += temporal_tls_refusals(environ, by_mesh=values.name_of("tls_by_mesh"))
    return values, clock, refused


def _used_to_migrate(values: ServiceSettings, *, wrong: Collection[str]) -> Iterator[str]:
    """The variables that a migration reads: of each database's those up to the one that is given.

    One that is wrong is given as well: it does not leave its place to the next, another role's.
    """
    yield SANDBOX_CLOCK
    yield from map(values.name_of, ("log_level", "log_format", "tls_by_mesh"))
    for fields in values.migrated_by:
        for field in fields:
            by_file = f"{field}_file"
            names = {values.name_of(field), values.name_of(by_file)}
            yield from names
            given = getattr(values, field) is not None or getattr(values, by_file) is not None
            if given or not names.isdisjoint(wrong):
                break


def _values(settings: type[Settings]) -> tuple[Settings, list[Refusal]]:
    token = REFUSED_LATER.set(True)
    try:
        return settings.model_validate({}), []
    except ValidationError as error:
        wrong = [*_refusals_of(settings, error)]
        return settings.model_validate(_in_place_of(settings, error)), wrong
    finally:
        REFUSED_LATER.reset(token)


def _refusals_of(settings: type[ServiceSettings], error: ValidationError) -> Iterator[Refusal]:
    for each in error.errors(include_url=False, include_input=False):
        field = _field_of(settings, each["loc"][0])
        missing = each["type"] == "missing"
        yield Refusal(
            setting=name_of_field(settings, field),
            problem="is not set" if missing else f"is wrong: {each['msg']}",
            expected=description_of(settings, field),
        )


def _in_place_of(settings: type[ServiceSettings], error: ValidationError) -> dict[str, Any]:
    """What the fields that are wrong are taken for meanwhile, by the names they were read by."""
    fields = {
        str(each["loc"][0]): settings.model_fields[_field_of(settings, each["loc"][0])]
        for each in error.errors(include_url=False, include_input=False)
    }
    return {
        read_by: _ANYTHING if field.is_required() else field.get_default(call_default_factory=True)
        for read_by, field in fields.items()
    }


def _field_of(settings: type[ServiceSettings], read_by: int | str) -> str:
    """The field that pydantic tells of by its name or by its alias."""
    if read_by in settings.model_fields:
        return str(read_by)
    return next(
        name for name, field in settings.model_fields.items() if field.validation_alias == read_by
    )
