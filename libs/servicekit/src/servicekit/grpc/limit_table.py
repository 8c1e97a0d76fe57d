"""How much each caller may ask: data, in a file that is read again when it changes.

[organization]                 # what every organization may
requests_per_second = 200
burst = 400
streams = 100

[key]                          # what every member, key and operator may
requests_per_second = 100

[organizations.org_example]    # one organization's own; what is not named is as above
requests_per_second = 1000

[keys.key_example]
streams = 0
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Limit(BaseModel):
    """What one caller may ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_second: float = Field(gt=0, allow_inf_nan=False)
    """How fast what was asked at once may be asked again."""
    burst: int = Field(ge=1)
    """How many requests may come at once."""
    streams: int = Field(ge=0)
    """How many streams may be open at once."""


class LimitTable(BaseModel):
    """What everybody may ask, and who may ask more or less."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organization: Limit = Limit(requests_per_second=200, burst=400, streams=100)
    key: Limit = Limit(requests_per_second=100, burst=200, streams=50)
    organizations: Mapping[str, Limit] = {}
    keys: Mapping[str, Limit] = {}

    def of_organization(self, organization_id: str) -> Limit:
        """What those who act for an organization may ask together."""
        return self.organizations.get(organization_id, self.organization)

    def of_key(self, subject: str) -> Limit:
        """What one member or key may ask."""
        return self.keys.get(subject, self.key)


def read_limits(path: Path) -> LimitTable:
    """The table in a file; raises `ValueError` where it is none."""
    return limit_table(tomllib.loads(path.read_text()))


def limit_table(written: Mapping[str, Any]) -> LimitTable:
    """The table that is meant, where only differences are written; raises `ValueError`."""
    defaults = LimitTable()
    organization = {**defaults.organization.model_dump(), **written.get("organization", {})}
    key = {**defaults.key.model_dump(), **written.get("key", {})}
    return LimitTable.model_validate(
        {
            **written,
            "organization": organization,
            "key": key,
            "organizations": _each(organization, written.get("organizations", {})),
            "keys": _each(key, written.get("keys", {})),
        }
    )


def _each(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {**common, **differing} for name, differing in own.items()}
