"""What is not simulated says so to whoever asks, and stands in the README."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from unipile_simulator.api.unsimulated import UNSIMULATED
from unipile_simulator.app import OPERATIONS
from unipile_simulator.schemas.answers import error_schema
from unipile_simulator.schemas.parts import closed

from tests.unit.unipile_simulator.conftest import Simulator, error

README = Path(__file__).parents[4] / "tools/unipile-simulator/README.md"


@pytest.mark.parametrize(("method", "path"), UNSIMULATED)
async def test_it_is_told_apart_from_what_is_not_there(
    sim: Simulator, method: str, path: str
) -> None:
    """501 with the words for it; without a key nothing but 401."""
    way = path.replace("{", "").replace("}", "").replace(":path", "")
    verb = "GET" if method == "*" else method
    answer = await sim.http.request(verb, way)
    stranger = await sim.http.request(verb, way, headers={"X-API-KEY": "other"})

    assert error(answer) == (501, "feature_not_implemented")
    assert UNSIMULATED[method, path] in answer.json()["detail"]
    Draft202012Validator(closed(error_schema(501))).validate(answer.json())
    assert error(stranger) == (401, "missing_credentials")
    assert error(await sim.http.get("/nothing-of-the-kind")) == (404, "resource_not_found")


def test_the_readme_tells_each() -> None:
    """Whoever uses the simulator reads there what it lacks, and no more; nothing is both."""
    page = " ".join(README.read_text().split())
    (told,) = re.findall(r"`feature_not_implemented`: (.*?) \(`api/unsimulated.py`\)", page)

    assert {*told.split(", ")} == {*UNSIMULATED.values()}
    assert not UNSIMULATED.keys() & {(each.method, each.path) for each in OPERATIONS}
