"""Campaigns, accounts, endpoints and lists are called by what people call them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach.campaign.v1 import campaign_pb2, lead_list_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from outreach.linkedin.v1 import account_pb2, account_service_pb2
from outreach_client.cli import app
from outreach_client.names.lookup import NoSuchName, matched
from outreach_client.names.memory import last, note_last
from outreach_client.names.nouns import NOUNS_OF_PARAMETER, Noun
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server
from tests.unit.outreach_client.test_hostile import every_command

NAMES = {"camp_1": "Spring", "camp_2": "Spring fair", "camp_3": "Autumn", "camp_4": "autumn"}


def campaigns(*ids: str) -> pb.ListCampaignsResponse:
    made = (campaign_pb2.Campaign(campaign_id=id_, name=NAMES[id_]) for id_ in ids or NAMES)
    return pb.ListCampaignsResponse(campaigns=made)


def paths(server: Server) -> list[str]:
    return [path.rpartition("/")[2] for path, _ in server.asked]


@pytest.mark.parametrize(
    ("text", "found"),
    [("Spring", "camp_1"), ("spring f", "camp_2"), ("Autumn", "camp_3"), ("autumn", "camp_4")],
)
def test_a_name_is_found(text: str, found: str) -> None:
    """A whole name goes before a beginning, and as it is written before any other case."""
    assert matched(text, NAMES, "campaigns") == found


@pytest.mark.parametrize(
    ("text", "told"), [("a", "camp_3"), ("Srping", "Spring"), ("fair", "Spring fair"), ("", "4")]
)
def test_a_name_that_is_none_or_several_is_told(text: str, told: str) -> None:
    """With the candidates, each with its id."""
    with pytest.raises(NoSuchName, match=told):
        matched(text, NAMES, "campaigns")


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=4), max_size=8), st.text(max_size=4))
def test_what_is_found_begins_so(name_by_id: dict[str, str], text: str) -> None:
    """And nothing else of the same kind fits as well."""
    try:
        found = matched(text, name_by_id, "things")
    except NoSuchName:
        return
    assert name_by_id[found].casefold().startswith(text.casefold())
    assert [id_ for id_, name in name_by_id.items() if name == text] in ([], [found])


def test_a_command_takes_names(server: Server, runner: CliRunner) -> None:
    """Of several kinds at once, by one conversation, and sends their ids."""
    accounts = [account_pb2.Account(account_id="acct_9", name="Ada Example")]
    server.pages = [
        account_service_pb2.ListAccountsResponse(accounts=accounts),
        campaigns(),
    ]

    result = runner.invoke(app, ["campaigns", "update", "Spring", "--account", "ada"])

    assert result.exit_code == 0, result.output
    (_, requests) = server.asked[-1]
    sent: pb.UpdateCampaignRequest = requests[0]  # type: ignore[assignment]
    assert (sent.campaign.campaign_id, sent.campaign.account_ids) == ("camp_1", ["acct_9"])
    assert sorted(paths(server)[:-1]) == ["ListAccounts", "ListCampaigns"]


def test_an_ambiguous_name_does_nothing(server: Server, runner: CliRunner) -> None:
    """What it could mean is told, and exit code 2."""
    server.pages = [campaigns()]

    result = runner.invoke(app, ["campaigns", "pause", "Spr"])

    assert result.exit_code == 2
    assert "camp_1" in result.stderr
    assert "camp_2" in result.stderr
    assert paths(server) == ["ListCampaigns"]


def test_an_id_is_looked_up_by_nobody(server: Server, runner: CliRunner) -> None:
    """One call, the command's own."""
    runner.invoke(app, ["campaigns", "pause", "camp_77"])

    assert paths(server) == ["PauseCampaign"]


def test_the_last_one_needs_no_name(server: Server, runner: CliRunner) -> None:
    """What was made last, then what was shown last; each kind has its own."""
    none_yet = runner.invoke(app, ["campaigns", "get", "@last"])
    made = campaign_pb2.Campaign(campaign_id="camp_5", name="Winter")
    server.pages = [pb.DuplicateCampaignResponse(campaign=made)]
    runner.invoke(app, ["campaigns", "duplicate", "camp_1"])
    server.pages = [
        lists_pb.CreateLeadListResponse(lead_list=lead_list_pb2.LeadList(lead_list_id="list_1"))
    ]
    runner.invoke(app, ["lists", "create", "Fair"])

    runner.invoke(app, ["campaigns", "get", "@last"])
    of_the_made = server.asked[-1][1][0].campaign_id  # type: ignore[attr-defined]
    runner.invoke(app, ["campaigns", "get", "camp_2"])
    server.pages = [pb.StartCampaignResponse()]
    runner.invoke(app, ["campaigns", "start", "@last"])
    of_the_shown = server.asked[-1][1][0].campaign_id  # type: ignore[attr-defined]

    assert none_yet.exit_code == 2
    assert (of_the_made, of_the_shown) == ("camp_5", "camp_2")


def test_the_last_of_two_kinds_is_the_latest() -> None:
    """People were imported into the campaign of before, though a list had been made since."""
    note_last("default", [(Noun.LEAD_LIST, "list_1")])
    note_last("default", [(Noun.CAMPAIGN, "camp_1")])
    into = [last("default", Noun.CAMPAIGN, Noun.LEAD_LIST)]
    note_last("default", [(Noun.LEAD_LIST, "list_1")])
    into.append(last("default", Noun.CAMPAIGN, Noun.LEAD_LIST))

    assert into == ["camp_1", "list_1"]


def test_what_asks_before_it_acts_takes_whole_names(server: Server, runner: CliRunner) -> None:
    """`--yes` of a script would confirm whatever begins so tomorrow."""
    server.pages = [campaigns()]
    beginning = runner.invoke(app, ["campaigns", "stop", "Spring f", "--yes"])

    assert beginning.exit_code == 2
    assert "Spring fair" in beginning.stderr
    assert paths(server) == ["ListCampaigns"]
    server.pages = [campaigns()]
    runner.invoke(app, ["campaigns", "stop", "Spring fair", "--yes"])
    assert paths(server)[-1] == "StopCampaign"


def test_every_parameter_that_takes_an_id_takes_a_name() -> None:
    """One that is called otherwise would take ids alone, and nobody would know why."""
    unknown = {
        param.name
        for _, command in every_command()
        for param in command.params
        if re.search(r"\b(camp_|acct_|ep_0|list_0)", param.help or "")
    } - set(NOUNS_OF_PARAMETER)

    assert unknown <= {"subject"}
