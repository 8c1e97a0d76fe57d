"""Every kind of action is decided about, wholly."""

import re
import subprocess
import sys
from pathlib import Path

import linkedin_gateway
import pytest
from linkedin_gateway.kinds.action_kind import Read, Write
from linkedin_gateway.kinds.caps import binding_caps
from linkedin_gateway.kinds.registry import (
    CONTACTS,
    KINDS,
    MAKE_MESSAGES,
    PUBLIC,
    READS,
    WRITES,
    sibling,
    write,
)
from linkedin_gateway.models import DAY, HOUR, Kind, Tier
from outreach.linkedin.v1 import action_service_pb2 as pb
from servicekit.tables import total


def test_every_kind_is_in_the_registry() -> None:
    """No kind is missing, and each stands under its own name."""
    assert {kind: each.kind for kind, each in KINDS.items()} == {kind: kind for kind in Kind}


def test_a_table_that_misses_a_kind_does_not_import() -> None:
    """What is said about all kinds but one fails when it is made, and names the one."""
    table = {kind: "" for kind in Kind if kind is not Kind.INMAIL}

    with pytest.raises(TypeError, match="nothing is said about INMAIL"):
        total(Kind, table)


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("kind", Kind)
def test_no_kind_is_uncapped(kind: Kind, tier: Tier) -> None:
    """Once a kind that the table of caps forgot had none, on any plan."""
    capped = {cap.per for cap in binding_caps(kind, tier=tier, noted=False)}

    assert {HOUR, DAY} <= capped


@pytest.mark.parametrize("kind", Kind)
def test_siblings_have_each_other(kind: Kind) -> None:
    """Who shares a budget with a kind is shared with by it; the rest have none."""
    other = sibling(kind)

    assert other is None or (sibling(other) is kind and KINDS[other].budget is KINDS[kind].budget)
    assert (other is None) is (KINDS[kind].budget is None)


def test_a_kind_is_a_read_or_a_write() -> None:
    """One of both; only writes contact people, and every write can be asked for."""
    assert set(Kind) == WRITES | READS
    assert not WRITES & READS
    assert CONTACTS <= WRITES <= set(PUBLIC)


@pytest.mark.parametrize("kind", sorted(READS))
def test_a_read_is_never_performed(kind: Kind) -> None:
    """A read has no call of its own that could be taken for another kind's."""
    with pytest.raises(ValueError, match="is not a write"):
        write(kind)


@pytest.mark.parametrize("kind", sorted(WRITES))
def test_a_write_is_prepared_by_a_read(kind: Kind) -> None:
    """What may be refused on the way is a read, which then cools down instead of the write."""
    assert isinstance(KINDS[write(kind).prepared_by], Read)


def test_only_a_visit_leaves_nothing_to_look_for() -> None:
    """Once a lost answer of an unknown kind was looked for as a message, and sent again.

    Each kind says how it is found, or that it cannot be.
    """
    unverifiable = {
        each.kind
        for each in KINDS.values()
        if isinstance(each, Write) and each.verification is None
    }

    assert unverifiable == {Kind.VISIT}


def test_every_action_of_the_wire_is_one_kind() -> None:
    """What a caller can ask for and what the gateway can perform are the same."""
    fields = {
        field.name for field in pb.PerformActionRequest.DESCRIPTOR.oneofs_by_name["action"].fields
    }

    assert sorted(fields) == sorted(write(kind).request_field for kind in WRITES)


def test_no_statement_lists_kinds() -> None:
    """A kind that is added would be missing there, without a word; `kind_conditions` lists them."""
    values = "|".join(kind.value for kind in Kind)
    listing = re.compile(rf"kind\s*(<>|!=|(NOT\s+)?IN\s*\()\s*'({values})'")
    package = Path(linkedin_gateway.__file__).parent

    listed = [
        f"{path.relative_to(package)}: {found[0]}"
        for path in package.rglob("*.py")
        if "migrations" not in path.parts
        for found in listing.finditer(path.read_text(encoding="utf-8"))
    ]

    assert not listed


def test_a_text_is_a_message_or_a_comment() -> None:
    """The words of a kind that takes some come back as a message, but those of a comment."""
    worded = {kind for kind in WRITES if write(kind).longest_text}

    assert worded - MAKE_MESSAGES == {Kind.COMMENT}
    assert worded >= MAKE_MESSAGES


def test_deciding_brings_no_driver() -> None:
    """Whoever imports the kinds to decide gets neither HTTP nor a database along."""
    asked = (
        "import sys, linkedin_gateway.kinds.caps;"
        "print(*{'httpx', 'asyncpg', 'temporalio'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)

    assert done.stdout.split() == []
