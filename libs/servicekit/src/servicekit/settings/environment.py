"""Every environment variable that a settings class reads, by its fields."""

from datetime import timedelta
from typing import Any

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from servicekit.settings.descriptions import description_of

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}


class EnvironmentVariable:
    """One name a settings class reads."""

    def __init__(self, name: str, field: FieldInfo, description: str) -> None:
        self.name = name
        self.required = field.is_required()
        self.default = "" if self.required else _shown(field.get_default(call_default_factory=True))
        self.description = description
        self.secret = "SecretStr" in repr(field.annotation)

    def __repr__(self) -> str:
        return f"EnvironmentVariable({self.name}={self.default})"


def environment(settings: type[BaseSettings]) -> list[EnvironmentVariable]:
    """Every environment variable the class reads, in the order of its fields."""
    prefix = settings.model_config.get("env_prefix", "")
    return [
        EnvironmentVariable(name, field, description_of(settings, field_name))
        for field_name, field in settings.model_fields.items()
        for name in names_of_field(prefix, field_name, field)
    ]


def name_of_field(settings: type[BaseSettings], field_name: str) -> str:
    """The environment variable that sets a field."""
    prefix = settings.model_config.get("env_prefix", "")
    return names_of_field(prefix, field_name, settings.model_fields[field_name])[0]


def names_of_field(prefix: str, field_name: str, field: FieldInfo) -> list[str]:
    """The same, and what else is read for it."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [alias] if isinstance(alias, str) else [f"{prefix}{field_name}".upper()]


def _shown(default: Any) -> str:
    """A default as one would write it in an environment file."""
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, timedelta):
        return _duration(default)
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return str(default)


def _duration(value: timedelta) -> str:
    """In the largest unit of which it is a whole number, as settings read it."""
    for unit, one in _UNITS.items():
        if value % one == timedelta():
            return f"{value // one}{unit}"
    return f"{value / _UNITS['ms']:.3f}ms"
