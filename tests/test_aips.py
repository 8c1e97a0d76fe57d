"""The contract next to Google's API improvement proposals, rule by rule."""

import re
from collections import Counter
from pathlib import Path

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import MethodDescriptor

from tests.aips.exceptions import EXCEPTIONS
from tests.aips.rules import RULES, named
from tests.protos import methods

CALLING = Path("docs/calling.md")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_kept_or_is_not_on_purpose(name: str) -> None:
    """What does not keep it is listed with its reason, and nothing else is."""
    reasons = EXCEPTIONS.get(name, {})
    listed = Counter(each for names in reasons.values() for each in names)

    assert Counter(each.removeprefix("outreach.") for each in RULES[name]()) == listed


def test_no_exception_is_of_a_rule_that_is_gone() -> None:
    """Each belongs to a rule, by its whole name."""
    assert {*EXCEPTIONS} <= {*RULES}


def test_where_an_etag_is_required_is_one_rule() -> None:
    """The page names every edit and every delete of what is edited, each as its contract has it."""
    _, _, after = CALLING.read_text().partition("## Edits")
    required, optional = (
        {*re.findall(r"`(\w+)`", listed.partition("which take")[0])}
        for listed in re.findall(r"(?:whom|else)\*\* \(([^)]*)\)", after.partition("\n## ")[0])
    )
    edited = {method.output_type.fields[0].message_type.name for method in named("Update")}
    deletes = {f"Delete{each}" for each in edited}
    theirs = {*(each.name for each in named("Update")), "RollbackSequence"}
    every = {each.name: each for each in methods() if each.name in theirs | deletes}

    assert required | optional == {*every}
    assert required == {name for name, each in every.items() if requires_etag(each)}


def requires_etag(method: MethodDescriptor) -> bool:
    """Whether the request is refused without what its editor has read."""
    asked = method.input_type.fields_by_name
    inside = asked[method.input_type.fields[0].name].message_type
    fields = [*asked.values(), *(inside.fields if inside is not None else ())]
    return any(
        field.GetOptions().Extensions[validate_pb2.field].required
        for field in fields
        if field.name in {"etag", "base_revision_id"}
    )
