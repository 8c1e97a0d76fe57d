"""From where somebody has a verification go on."""

import pytest
from identity.audit.chain import NOTHING
from identity.audit.convert import so_far_of, so_far_to_proto
from identity.audit.verification import SoFar
from outreach.audit.v1 import audit_service_pb2 as pb
from servicekit.grpc.requests.rules import ContractRules

RULES = ContractRules()
LARGEST = 2**63 - 1
NO_HASHES = ["", "00", "no hash", "0" * 63, "00" * 33]


@pytest.mark.parametrize("name", ["position", "seals", "faults", "checkpoint"])
@pytest.mark.parametrize("count", [-1, LARGEST])
def test_what_nobody_was_told_is_refused(name: str, count: int) -> None:
    """Counted on from the largest integer it was a failure of ours."""
    after = pb.VerifiedSoFar(chain=NOTHING.hex(), **{name: count})  # type: ignore[arg-type]

    assert RULES.violations(pb.VerifyRecordsRequest(after=after))


@pytest.mark.parametrize("told", NO_HASHES)
def test_a_chain_is_known_by_its_hash(told: str) -> None:
    """Without one the rest would be compared with nothing."""
    assert RULES.violations(pb.VerifyRecordsRequest(after=pb.VerifiedSoFar(chain=told)))


@pytest.mark.parametrize("told", NO_HASHES[1:])
def test_signatures_are_known_by_their_hash(told: str) -> None:
    """A service of an earlier release tells none; whatever else is no hash is refused."""
    after = pb.VerifiedSoFar(chain=NOTHING.hex(), checkpoint=1, checkpoints_hash=told)

    assert RULES.violations(pb.VerifyRecordsRequest(after=after))


def test_how_far_it_has_come_is_told_and_understood() -> None:
    """What is told is what is gone on from."""
    found = SoFar(
        position=7, chain=b"c" * 32, sealed=7, faults=2, checkpoint=3, checkpoints=b"s" * 32
    )

    request = pb.VerifyRecordsRequest(after=so_far_to_proto(found))

    assert not RULES.violations(request)
    assert so_far_of(request) == found
