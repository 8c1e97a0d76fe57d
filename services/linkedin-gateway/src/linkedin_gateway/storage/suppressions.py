"""Whom suppressions of people cover, as SQL on rows that have the columns of `actions`."""

from __future__ import annotations

_KEY = """encode(sha256(convert_to(
              alias.organization_id || E'\\nperson\\n' || alias.value, 'UTF8')), 'hex')"""
"""As `suppression_keys.key` makes it."""


def suppressed_by_name(alias: str, *, by: str) -> str:
    """Whether the person of a row is suppressed by anything that they are called by.

    `by` says which suppressions `s` count.
    """
    return f"""EXISTS (
         SELECT 1 FROM person_aliases alias
           JOIN suppressions s ON s.organization_id = alias.organization_id AND s.key = {_KEY}
          WHERE alias.organization_id = {alias}.organization_id
            AND alias.person_id = {alias}.person_id AND {by})"""
