"""`outreach suppressions check` and `find`: what they say of whom no suppression names."""

import pytest
from outreach.linkedin.v1 import suppression_service_pb2 as pb
from outreach_client.cli import app
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server

OF = ["--organization", "org_1"]


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ("in/ada-example", "no suppression of this address; domains and companies were not looked"),
        ("ada@example.com", "no suppression of this e-mail address or its domain"),
    ],
)
def test_it_is_said_by_what_was_looked(
    server: Server, runner: CliRunner, person: str, told: str
) -> None:
    """Who is suppressed by their company or its domain was said to be free to be contacted."""
    server.pages = [pb.CheckSuppressionResponse()]

    checked = runner.invoke(app, ["suppressions", "check", *OF, person])

    assert checked.exit_code == 0, checked.output
    assert told in checked.output
    assert "may be contacted" not in checked.output


def test_nobody_is_said_to_be_free_who_is_found_by_no_name(
    server: Server, runner: CliRunner
) -> None:
    """Names alone were asked for."""
    server.pages = [pb.FindSuppressedResponse()]

    found = runner.invoke(app, ["suppressions", "find", *OF, "ada-example"])

    assert found.exit_code == 0, found.output
    assert found.output == "ada-example is named by no suppression\n"
