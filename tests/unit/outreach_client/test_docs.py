"""What the pages show of the client runs."""

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from outreach_client.channels import repeats

from tests.unit.outreach_client.conftest import Server

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("client.md", "calling.md")
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def examples() -> Iterator[tuple[str, str]]:
    """Each example, by where it stands."""
    for page in PAGES:
        text = (DOCS / page).read_text()
        for found in EXAMPLE.finditer(text):
            yield f"{page}:{text[: found.start()].count(chr(10)) + 2}", found[1]


EXAMPLES = list(examples())


def compiled(name: str, example: str) -> CodeType:
    return compile(example, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_runs(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, example: str
) -> None:
    """Against a server that answers everything, which is asked something."""
    server.one_page = True
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leads.csv").write_text("Profil\nhttps://www.linkedin.com/in/ada-example\n")
    (tmp_path / "api-key").write_text("a-key")
    code = compiled(name, example)

    ran = eval(code, {"print": lambda *_: None})
    if inspect.iscoroutine(ran):
        asyncio.run(ran)

    assert server.asked


def test_a_status_that_is_absent_is_not_shown(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes back is answered without one; the page's example printed an empty state."""
    ((name, example),) = [each for each in EXAMPLES if "campaigns.watch" in each[1]]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leads.csv").write_text("linkedin_url\n")
    server.absent = {"status"}
    shown: list[tuple[Any, ...]] = []

    asyncio.run(eval(compiled(name, example), {"print": lambda *told: shown.append(told)}))

    assert server.asked[-1][0].endswith("/WatchCampaign")
    assert len(shown) == 1


def test_what_is_told_of_pauses_is_the_configs() -> None:
    """A page that says how long it is between attempts is believed."""
    policies = [each.get("retryPolicy") for each in repeats()["methodConfig"]]
    policy = next(each for each in policies if each)
    first, most = (float(policy[name][:-1]) for name in ("initialBackoff", "maxBackoff"))
    pauses = [
        min(first * policy["backoffMultiplier"] ** attempt, most)
        for attempt in range(policy["maxAttempts"] - 1)
    ]
    *before, last = (f"{pause:.1f}" for pause in pauses)

    told = f"Four attempts, about {', '.join(before)} and {last} seconds apart"
    assert told in (DOCS / "client.md").read_text()
    assert policy["maxAttempts"] == 4


def test_there_are_examples() -> None:
    """A page that was moved would have none, and nothing would fail."""
    assert len(EXAMPLES) > 8
