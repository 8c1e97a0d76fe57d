"""Who made a thing and who edited it last, as the audit names them."""

from devstack.stack.keys import Keys
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from outreach.automation.v1 import program_pb2
from outreach.automation.v1 import program_service_pb2 as programs_pb
from outreach.campaign.v1 import campaign_pb2, import_service_pb2, lead_list_pb2
from outreach.campaign.v1 import campaign_service_pb2 as campaigns_pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
)

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import Api, new_campaign
from tests.integration.campaign_api.identity_world import IdentityWorld
from tests.integration.campaign_api.servicers.test_accounts_of_callers import (
    world as world,  # noqa: PLC0414 - a fixture
)
from tests.integration.campaign_api.workflows.conftest import guarded

NAME = FieldMask(paths=["name"])
ALL = ["campaigns.read", "campaigns.write", "leads.write", "programs.read", "programs.write"]


async def test_what_is_made_and_edited_says_by_whom(api: Api, keys: Keys) -> None:
    """Ann makes, Bob edits; what nobody has edited has no editor."""
    async with guarded(api, keys) as ask:
        ann = await ask(keys.token(org=ORGANIZATION, sub="mem_ann", permissions=ALL))
        bob = await ask(keys.token(org=ORGANIZATION, sub="mem_bob", permissions=ALL))
        campaign = (await ann.campaigns.CreateCampaign(new_campaign())).campaign
        campaign_id = campaign.campaign_id
        making = lists_pb.CreateLeadListRequest(
            request_id="r1", organization_id=ORGANIZATION, name="Fair"
        )
        lead_list = (await ann.lead_lists.CreateLeadList(making)).lead_list
        program = (
            await ann.programs.CreateProgram(
                programs_pb.CreateProgramRequest(
                    request_id="p1",
                    organization_id=ORGANIZATION,
                    campaign_id=campaign_id,
                    name="Spring",
                    time_zone="Europe/Berlin",
                )
            )
        ).program
        uploading = import_service_pb2.CreateImportRequest(request_id="r1", campaign_id=campaign_id)
        operation = (await ann.imports.CreateImport(uploading)).operation

        edited_campaign = (
            await bob.campaigns.UpdateCampaign(
                campaigns_pb.UpdateCampaignRequest(
                    campaign=campaign_pb2.Campaign(campaign_id=campaign_id, name="A", etag="*"),
                    update_mask=NAME,
                )
            )
        ).campaign
        edited_list = (
            await bob.lead_lists.UpdateLeadList(
                lists_pb.UpdateLeadListRequest(
                    lead_list=lead_list_pb2.LeadList(lead_list_id=lead_list.lead_list_id, name="A"),
                    update_mask=NAME,
                )
            )
        ).lead_list
        edited_program = (
            await bob.programs.UpdateProgram(
                programs_pb.UpdateProgramRequest(
                    program=program_pb2.Program(program_id=program.program_id, name="A"),
                    update_mask=NAME,
                )
            )
        ).program

    assert [made(each) for each in (campaign, lead_list, program)] == [("mem_ann", "")] * 3
    assert campaign.sequence.created_by == operation.created_by == "mem_ann"
    assert operation.lead_import.created_by == "mem_ann"
    after = (edited_campaign, edited_list, edited_program)
    assert [made(each) for each in after] == [("mem_ann", "mem_bob")] * 3


async def test_members_keys_and_organizations_say_by_whom(world: IdentityWorld) -> None:
    """The operator makes them; an administrator gives another role, and the same role is none."""
    admin = await world.member()
    made_by = world.operator
    request = member_service_pb2.CreateMemberRequest(
        organization_id=ORGANIZATION, name="Bob", role=member_pb2.ROLE_VIEWER
    )
    member = (await made_by.stubs.members.CreateMember(request)).member
    change = member_service_pb2.UpdateMemberRequest(
        member_id=member.member_id, role=member_pb2.ROLE_MEMBER
    )
    changed = (await admin.stubs.members.UpdateMember(change)).member
    again = (await made_by.stubs.members.UpdateMember(change)).member
    key = api_key_service_pb2.CreateApiKeyRequest(member_id=member.member_id, name="a key")
    made_key = (await admin.stubs.api_keys.CreateApiKey(key)).api_key
    organization = await made_by.stubs.organizations.GetOrganization(
        organization_service_pb2.GetOrganizationRequest(organization_id=ORGANIZATION)
    )

    assert made(member) == (made_by.member_id, "")
    assert made(changed) == made(again) == (made_by.member_id, admin.member_id)
    assert made_key.created_by == admin.member_id
    assert organization.organization.created_by == made_by.member_id


def made(message: Message) -> tuple[str, str]:
    return message.created_by, message.updated_by  # type: ignore[attr-defined]
