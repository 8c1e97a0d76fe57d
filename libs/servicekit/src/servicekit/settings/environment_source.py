"""Settings that are read from the environment, and from nothing beside it."""

from __future__ import annotations

from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource


class EnvironmentSettings(BaseSettings):
    """What is given by name, else the environment: no `.env` and no folder is looked into.

    pydantic would look for each field in an empty `.env` too, and of each find out how it would be
    parsed: two thirds of what it takes to make settings.
    """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _WhatIsSet(settings_cls)


class _WhatIsSet(EnvSettingsSource):
    def prepare_field_value(
        self,
        field_name: str,
        field: FieldInfo,
        value: Any,
        value_is_complex: bool,  # noqa: FBT001  pydantic's signature
    ) -> Any:
        # None of our fields is put together from several variables: what is not set is None.
        if value is None:
            return None
        return super().prepare_field_value(field_name, field, value, value_is_complex)
