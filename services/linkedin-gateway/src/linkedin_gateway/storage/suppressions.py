"""Whom suppressions of people cover, as SQL on rows that have the columns of `actions`."""

from __future__ import annotations


def person_keys(alias: str) -> str:
    """What suppressions name of all that the person of a row is called by, as an array.

    Suppressions are looked up by these alone, for such a hash is of one organization: a plan
    that was made while there were few reads all of an organization if it can.
    """
    return f"""ARRAY(
         SELECT alias.suppression_key
           FROM person_aliases alias
          WHERE alias.organization_id = {alias}.organization_id
            AND alias.person_id = {alias}.person_id)"""


def suppressed_by_name(alias: str, *, by: str) -> str:
    """Whether the person of a row is suppressed by anything that they are called by.

    `by` says which suppressions `s` count.
    """
    return f"""EXISTS (
         SELECT 1 FROM suppressions s
          WHERE (s.hashed = ANY({person_keys(alias)})
                 OR (s.person_id = {alias}.person_id AND s.person_id <> '')) AND {by})"""
