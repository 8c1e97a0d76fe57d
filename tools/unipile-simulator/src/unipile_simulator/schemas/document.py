"""All schemas in one document: as OpenAPI, and as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from unipile_simulator.schemas.answers import ERROR_STATUSES, PAGES, SUCCESSES, error_schema
from unipile_simulator.schemas.events import EVENT_SCHEMAS
from unipile_simulator.schemas.parts import Schema
from unipile_simulator.schemas.requests import REQUESTS


class Described(Protocol):
    """What a document says of a route."""

    @property
    def method(self) -> str:
        """As the route has it."""

    @property
    def path(self) -> str:
        """As the route has it."""

    @property
    def summary(self) -> str:
        """As the route has it."""

    @property
    def account(self) -> str | None:
        """As the route has it."""

    @property
    def body(self) -> str | None:
        """As the route has it."""


def specification(operations: Iterable[Described]) -> dict[str, Any]:
    """An OpenAPI 3.1 document of the routes and of what webhooks carry."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = _shown(
            operation
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Unipile simulator", "version": "1.0"},
        "paths": paths,
        "webhooks": {
            name: {"post": {"requestBody": _content("application/json", schema)}}
            for name, schema in EVENT_SCHEMAS.items()
        },
        "components": {"responses": {str(status): _error(status) for status in ERROR_STATUSES}},
    }


def catalogue() -> dict[str, Any]:
    """Every schema by what it is of, for validators."""
    return {
        "requests": {f"{method} {path}": each for (method, path), each in REQUESTS.items()},
        "answers": {
            f"{method} {path}": {str(status): each for status, each in by_status.items()}
            for (method, path), by_status in SUCCESSES.items()
        },
        "errors": {str(status): error_schema(status) for status in ERROR_STATUSES},
        "pages": {str(status): each for status, each in PAGES.items()},
        "events": EVENT_SCHEMAS,
    }


def _shown(operation: Described) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", operation.path)
    parameters = [_parameter(name, "path") for name in names]
    if operation.account == "query":
        parameters.append(_parameter("account_id", "query"))
    key = (operation.method, operation.path)
    shown: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": parameters,
        "responses": {
            str(status): {"description": "Done."} | _content("application/json", schema)
            for status, schema in SUCCESSES[key].items()
        }
        | {str(status): {"$ref": f"#/components/responses/{status}"} for status in ERROR_STATUSES},
    }
    if operation.body:
        media = "application/json" if operation.body == "json" else "multipart/form-data"
        shown["requestBody"] = _content(media, REQUESTS[key])
    return shown


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": {"type": "string"}}


def _error(status: int) -> dict[str, Any]:
    described = _content("application/json", error_schema(status))
    if status in PAGES:
        described["content"] |= _content("text/html", PAGES[status])["content"]
    return {"description": "Refused."} | described


def _content(media: str, schema: Schema) -> dict[str, Any]:
    return {"content": {media: {"schema": schema}}}
