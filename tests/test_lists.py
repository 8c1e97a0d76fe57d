"""What lists declare is what the contract and the page for callers say of them."""

import re
from pathlib import Path

import pytest
from automation.listings.decisions import DECISION_LIST
from automation.listings.models import MODEL_LIST
from automation.listings.programs import PROGRAM_LIST
from automation.listings.reports import REPORT_LIST
from automation.listings.runs import RUN_LIST
from campaign_api.workflows.listing import WORKFLOWS
from campaigns.listings.campaigns import CAMPAIGNS
from campaigns.listings.imports import IMPORT_LIST, IMPORTS_OF_LIST
from campaigns.listings.lead_lists import ENTRIES, LEAD_LIST_LIST
from campaigns.listings.leads import LEADS
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.rpc.error_details_pb2 import ErrorInfo
from identity.keys.key_list import API_KEYS
from identity.members.member_list import MEMBERS
from identity.members.organization_list import ORGANIZATIONS
from linkedin_gateway.listings.accounts import ACCOUNTS
from linkedin_gateway.listings.actions import ACTIONS
from linkedin_gateway.listings.cool_downs import COOL_DOWNS
from linkedin_gateway.listings.holds import (
    EVERYBODYS_HOLD_CHANGES,
    EVERYBODYS_HOLDS,
    HOLD_CHANGES,
    HOLDS,
)
from linkedin_gateway.listings.suppressions import SUPPRESSIONS
from servicekit.grpc.status import to_status
from servicekit.lists.errors import FilterNotSupported
from servicekit.lists.fields import FieldType
from servicekit.lists.schemas import ListSchema
from webhook_dispatcher.listings.deliveries import ATTEMPTS, DELIVERIES
from webhook_dispatcher.listings.endpoints import ENDPOINTS
from webhook_dispatcher.listings.events import EVENTS
from webhook_dispatcher.listings.replays import REPLAYS

from tests.protos import methods

CALLING = Path(__file__).parents[1] / "docs" / "calling.md"
LISTS = {
    "ListLeads": LEADS,
    "ListImports": IMPORT_LIST,
    "ListLeadLists": LEAD_LIST_LIST,
    "ListLeadListEntries": ENTRIES,
    "ListCampaigns": CAMPAIGNS,
    "ListActions": ACTIONS,
    "ListAccounts": ACCOUNTS,
    "ListCoolDowns": COOL_DOWNS,
    "ListHolds": HOLDS,
    "ListHoldChanges": HOLD_CHANGES,
    "ListSuppressions": SUPPRESSIONS,
    "ListMembers": MEMBERS,
    "ListApiKeys": API_KEYS,
    "ListOrganizations": ORGANIZATIONS,
    "ListEndpoints": ENDPOINTS,
    "ListDeliveries": DELIVERIES,
    "ListDeliveryAttempts": ATTEMPTS,
    "ListEvents": EVENTS,
    "ListReplays": REPLAYS,
    "ListWorkflows": WORKFLOWS,
    "ListPrograms": PROGRAM_LIST.schema,
    "ListReports": REPORT_LIST.schema,
    "ListModels": MODEL_LIST.schema,
    "ListRuns": RUN_LIST.schema,
    "ListDecisions": DECISION_LIST.schema,
}
NOT_OF_THE_MESSAGE = {"ListImports"}
"""An import is told as an operation, in which it is packed."""
THE_SAME_AS_ANOTHER = {"ListOperations"}
"""Imports, as others know operations."""


def told(name: str) -> list[list[str]]:
    """The cells of a method's row."""
    row = re.search(rf"^\| `{name}` \|(.*)\|$", CALLING.read_text(), re.MULTILINE)
    assert row is not None
    return [re.findall(r"`(\w+)`", cell) for cell in row[1].split("|")]


def method(name: str) -> MethodDescriptor:
    return next(each for each in methods() if each.name == name)


def test_every_list_with_a_filter_is_declared_here() -> None:
    """So that none is left out of what follows."""
    filtered = {
        each.name
        for each in methods()
        if each.name.startswith("List") and "order_by" in each.input_type.fields_by_name
    }

    assert filtered - THE_SAME_AS_ANOTHER == {*LISTS}


@pytest.mark.parametrize("name", LISTS)
def test_callers_are_told_every_field_and_order(name: str) -> None:
    """In the order of the declaration, and no others."""
    schema = LISTS[name]

    assert told(name) == [
        [field.name for field in schema.fields],
        [order.name for order in schema.orders],
    ]


@pytest.mark.parametrize("name", LISTS)
def test_whoever_is_refused_is_told_all_that_is_served(name: str) -> None:
    """Every field with its operators, and with its values, whole: also once it is in a trailer."""
    schema = LISTS[name]

    with pytest.raises(FilterNotSupported) as refused:
        schema.filter("nothing_of_this = 1")

    info = ErrorInfo()
    assert any(each.Unpack(info) for each in to_status(refused.value).details)
    assert info.metadata["fields"] == ", ".join(each.name for each in schema.fields)
    assert {each.name: each.served for each in schema.fields}.items() <= info.metadata.items()


@pytest.mark.parametrize("name", [each for each in LISTS if each not in NOT_OF_THE_MESSAGE])
def test_a_field_is_called_as_in_the_message(name: str) -> None:
    """With its values, which stand there with the prefix that a filter may leave out."""
    message = method(name).output_type.fields[0].message_type
    if name == "ListLeads":
        message = message.fields_by_name["lead"].message_type

    for field in LISTS[name].fields:
        described: FieldDescriptor = message.fields_by_name[field.name]
        # Types of events are named as customers receive them.
        if field.type is FieldType.ENUM and described.enum_type is not None:
            names = {field.prefix + value for value in field.values}
            assert names <= {*described.enum_type.values_by_name}, field.name


@pytest.mark.parametrize(
    "schema",
    [*LISTS.values(), EVERYBODYS_HOLDS, EVERYBODYS_HOLD_CHANGES, IMPORTS_OF_LIST],
    ids=lambda schema: schema.name,
)
def test_a_declaration_is_of_one_piece(schema: ListSchema) -> None:
    """Lookups name fields and orders that there are, and the default is served."""
    fields = {field.name: field for field in schema.fields}
    orders = {order.name for order in schema.orders}

    assert {each.field for each in schema.lookups} <= {*fields}
    assert {each.order for each in schema.lookups} <= orders
    assert all(fields[each.field].literal for each in schema.lookups if each.values)
    assert schema.ordering("").order.name in orders
