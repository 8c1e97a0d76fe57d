"""What stands below each field of a settings class, read when somebody asks.

pydantic's `use_attribute_docstrings` reads it whenever such a class is made: before Python 3.13 it
looks for the class in every module that there is, a tenth of a service's start.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from pydantic_settings import BaseSettings


def description_of(settings: type[BaseSettings], field: str) -> str:
    """The text in one line; empty if the field has none. Needs the source."""
    own = settings.model_fields[field].description
    return " ".join((own or _descriptions(settings).get(field, "")).split())


@cache
def _descriptions(settings: type[BaseSettings]) -> Mapping[str, str]:
    return {
        field: text
        for each in reversed(settings.__mro__)
        if issubclass(each, BaseSettings) and each is not BaseSettings
        for field, text in _below_fields(each)
    }


def _below_fields(settings: type[BaseSettings]) -> Iterator[tuple[str, str]]:
    module = ast.parse(textwrap.dedent(inspect.getsource(settings)))
    body = [
        each
        for defined in module.body
        if isinstance(defined, ast.ClassDef)
        for each in defined.body
    ]
    for field, below in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            yield field.target.id, below.value.value
