"""The rules of the protos: every request, within them and beyond."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from buf.validate import validate_pb2
from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st
from outreach.automation.v1.program_pb2 import Program
from outreach.automation.v1.program_service_pb2 import UpdateProgramRequest
from outreach.campaign.v1.import_service_pb2 import CreateImportRequest
from outreach.campaign.v1.lead_service_pb2 import ImportLeadsRequest, WithdrawLeadsRequest
from outreach.identity.v1.api_key_service_pb2 import CreateApiKeyRequest
from outreach.identity.v1.member_service_pb2 import CreateMemberRequest
from outreach.identity.v1.organization_service_pb2 import CreateOrganizationRequest
from outreach.linkedin.v1.suppression_service_pb2 import ImportSuppressionsRequest
from servicekit.errors import BadInput, FieldViolation
from servicekit.grpc.requests.checks import checked
from servicekit.grpc.requests.rules import FIELD_INVALID, FIELD_REQUIRED, ContractRules

from tests import laws
from tests.fuzzing.rules import messages, refused_for
from tests.protos import methods

RULES = ContractRules()
REQUESTS = {each.input_type.full_name: each.input_type for each in methods()}
TOLD_AND_NOT_REFUSED = {
    "outreach.campaign.v1.ReportLinkedInEventsRequest.events": "none is nothing to do",
    "outreach.campaign.v1.LinkedInEvent.*": "one that is refused would keep those behind it",
    "outreach.campaign.v1.LeadRef.*": "part of such an event",
    "outreach.campaign.v1.AccountCoolingDown.*": "part of such an event",
    "outreach.campaign.v1.AccountCooledDown.*": "part of such an event",
    "outreach.campaign.v1.Campaign.name": "an edit needs what its mask names alone",
    "outreach.campaign.v1.Campaign.account_ids": "an edit needs what its mask names alone",
    "outreach.campaign.v1.LeadList.name": "an edit needs what its mask names alone",
    "outreach.identity.v1.CreateTokenRequest.api_key": "none is told what a wrong one is told",
    "outreach.webhook.v1.Endpoint.url": "an edit needs what its mask names alone",
}
"""What comments call required and no rule demands, and why."""


MIB = 1024 * 1024
BLANK = ("program.time_of_day", FIELD_INVALID)


def violations(request: Any) -> list[FieldViolation]:
    """What a request is refused for."""
    try:
        checked(request, RULES)
    except BadInput as refused:
        return list(refused.violations)
    return []


@pytest.mark.parametrize("name", sorted(REQUESTS))
@settings(max_examples=200 if laws.drawn_anew() else 25)
@given(st.data())
def test_a_request_is_refused_for_what_breaks_a_rule(name: str, data: st.DataObject) -> None:
    """For all of it at once, each by its path, and for nothing else."""
    request = data.draw(messages(REQUESTS[name]))

    told, expected = {each.field for each in violations(request)}, refused_for(request)

    assert told == expected or (told < expected and len(told) >= 20)


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_an_empty_request_names_what_is_required(name: str) -> None:
    """What its rules call required, and nothing that they call optional."""
    request = GetMessageClass(REQUESTS[name])()

    told = violations(request)

    assert {each.reason for each in told} <= {FIELD_REQUIRED}
    assert {each.field for each in told} == refused_for(request)


def asked_of(descriptor: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    """The fields of a message and of those inside of it, but for what the server alone says."""
    if descriptor.full_name in seen or not descriptor.full_name.startswith("outreach."):
        return
    seen.add(descriptor.full_name)
    for field in descriptor.fields:
        yield field
        inside = field.message_type is not None and not field.message_type.GetOptions().map_entry
        if inside and field_behavior_pb2.OUTPUT_ONLY not in said_of(field):
            yield from asked_of(field.message_type, seen)


def said_of(field: FieldDescriptor) -> list[int]:
    """Whether it must be there, as its annotation says."""
    return list(field.GetOptions().Extensions[field_behavior_pb2.field_behavior])


def test_what_is_called_required_is_demanded() -> None:
    """Each field that can be asked with says whether it must be there, and its rule the same."""
    seen: set[str] = set()
    for request in REQUESTS.values():
        for field in asked_of(request, seen):
            if field.containing_oneof is not None:
                continue
            said, rules = said_of(field), field.GetOptions().Extensions[validate_pb2.field]
            assert len(said) == 1, field.full_name
            demanded = rules.required or rules.repeated.min_items > 0
            exempt = {field.full_name, re.sub(r"\w+$", "*", field.full_name)}
            if exempt.isdisjoint(TOLD_AND_NOT_REFUSED):
                assert (said == [field_behavior_pb2.REQUIRED]) == demanded, field.full_name


@pytest.mark.parametrize(
    ("request_", "is_kept"),
    [
        (CreateOrganizationRequest(name="Spring\n"), True),
        (CreateOrganizationRequest(name=f"\t{'a' * 200}  "), True),
        (CreateOrganizationRequest(name="a" * 201), False),
        (CreateOrganizationRequest(name="a\nb"), False),
        (CreateMemberRequest(organization_id="o", name=" a ", role=1, account_ids="xx"), True),
        (CreateApiKeyRequest(member_id="m", name=" a ", account_ids="xx"), True),
    ],
)
def test_a_name_is_judged_without_what_is_around_it(request_: Any, *, is_kept: bool) -> None:
    """Its servicer trims it, and takes the accounts of a limit for a set."""
    assert (violations(request_) == []) == is_kept


def test_too_long_a_name_is_told_so() -> None:
    """And not that it has characters that are not allowed."""
    (told,) = violations(CreateOrganizationRequest(name="a" * 201))

    assert told.description == "At most 200 characters are allowed."


@pytest.mark.parametrize(("path", "told"), [("plan_per_day", []), ("time_of_day", [BLANK])])
def test_a_blank_text_is_missing_only_where_it_must_be_there(
    path: str, told: list[tuple[str, str]]
) -> None:
    """One that is optional is wrong, and what an update does not name may be whatever it is."""
    program = Program(program_id="prog_1", time_of_day=" ")
    mask = FieldMask(paths=[path])

    found = violations(UpdateProgramRequest(program=program, update_mask=mask))

    assert [(each.field, each.reason) for each in found] == told


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ImportLeadsRequest(content=bytes(MIB + 1)), "content"),
        (ImportSuppressionsRequest(content=bytes(MIB + 1)), "content"),
        (CreateImportRequest(request_id="a\x1f"), "request_id"),
        (WithdrawLeadsRequest(campaign_id="camp_1", release_id=" "), "release_id"),
        (WithdrawLeadsRequest(campaign_id="camp_1", release_id="a\x7f"), "release_id"),
    ],
)
def test_what_is_said_of_a_field_holds(request_: Any, field: str) -> None:
    """Pieces have their size, and ids are as those of their neighbours."""
    assert [each.field for each in violations(request_)] == [field]


def test_a_piece_may_be_as_large_as_is_said() -> None:
    """To the byte."""
    assert violations(ImportLeadsRequest(content=bytes(MIB))) == []
    assert violations(ImportSuppressionsRequest(content=bytes(MIB))) == []
