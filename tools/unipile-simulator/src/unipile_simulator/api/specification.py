"""`/api-json`: what is simulated, in the form of an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from unipile_simulator.api.calls import Operation


def specification(operations: Iterable[Operation]) -> dict[str, Any]:
    """An OpenAPI 3 document of paths and parameters; bodies are described in words only."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", operation.path)
        ]
        if operation.account == "query":
            parameters.append(
                {
                    "name": "account_id",
                    "in": "query",
                    "required": True,
                    "schema": {"type": "string"},
                }
            )
        shown: dict[str, Any] = {
            "summary": operation.summary,
            "parameters": parameters,
            "responses": {"default": {"description": "See Unipile's own reference."}},
        }
        if operation.body:
            media = "application/json" if operation.body == "json" else "multipart/form-data"
            shown["requestBody"] = {"content": {media: {"schema": {"type": "object"}}}}
        paths.setdefault(f"/api/v1{operation.path}", {})[operation.method.lower()] = shown
    return {
        "openapi": "3.0.3",
        "info": {"title": "Unipile simulator", "version": "1.0"},
        "paths": paths,
    }
