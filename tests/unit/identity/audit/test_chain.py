"""Whatever is done to one link, it is told of that link and of none before it."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from identity.audit.chain import NOTHING, ChainCheck, FaultKind, Proof, Seal

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def chain(links: int) -> list[Seal]:
    made, before = [], NOTHING
    for position in range(1, links + 1):
        seal = Seal(
            position=position,
            sealed_at=NOON,
            recorded_at=NOON,
            record_id=f"aud_{position}",
            organization_id="org_1",
            digest=bytes([position]) * 32,
            proof=Proof.VALID,
        )
        seal = replace(seal, chain=seal.hash(before))
        before = seal.chain
        made.append(seal)
    return made


def faults(seals: list[Seal]) -> list[tuple[int, FaultKind]]:
    check = ChainCheck(position=0, chain=NOTHING, dropped_before=None)
    told = ((seal.position, check.add(seal, bytes([seal.position]) * 32)) for seal in seals)
    return [(position, kind) for position, kind in told if kind is not None]


@given(st.integers(1, 20), st.data())
def test_a_changed_link_is_told_where_it_is(links: int, data: st.DataObject) -> None:
    """Every field of it has its part in the hash."""
    seals = chain(links)
    place = data.draw(st.integers(0, links - 1))
    changed = data.draw(
        st.sampled_from(
            [
                {"sealed_at": NOON.replace(minute=1)},
                {"recorded_at": NOON.replace(minute=1)},
                {"record_id": "aud_other"},
                {"organization_id": "org_other"},
                {"proof": Proof.ABSENT},
            ]
        )
    )

    assert faults(seals) == []
    seals[place] = replace(seals[place], **changed)
    assert faults(seals) == [(place + 1, FaultKind.SEAL_CHANGED)]


@given(st.integers(2, 20), st.data())
def test_missing_links_are_told_at_the_next_one(links: int, data: st.DataObject) -> None:
    """One fault for a gap, however long it is."""
    seals = chain(links)
    first = data.draw(st.integers(0, links - 2))
    last = data.draw(st.integers(first, links - 2))

    del seals[first : last + 1]
    assert faults(seals) == [(last + 2, FaultKind.SEAL_DELETED)]


def test_dropped_records_are_no_fault() -> None:
    """Retention drops a month of records; seals of late ones stay in the next month."""
    (seal,) = chain(1)
    check = ChainCheck(position=0, chain=NOTHING, dropped_before=NOON.replace(hour=13))

    assert check.add(seal, None) is None
