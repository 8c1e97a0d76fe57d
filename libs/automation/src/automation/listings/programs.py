"""Programs of an organization as they are listed."""

from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.schemas import ListSchema, by_instant

from automation.listings.organization_pages import ABOUT, OrganizationList
from automation.programs.program import Program, ProgramMode, ProgramState
from automation.programs.rows import PROGRAM_COLUMNS, program_from_row

_LISTED = [each for each in ProgramState if each is not ProgramState.DELETED]
"""The states of what is listed, and asked for by a filter."""
PROGRAM_LIST: OrganizationList[Program] = OrganizationList(
    schema=ListSchema(
        name="programs",
        table="programs",
        fields=[
            enum_field("state", _LISTED, prefix="PROGRAM_STATE_"),
            enum_field("mode", ProgramMode, prefix="PROGRAM_MODE_"),
            Field(name="name", column="name", type=FieldType.TEXT),
            Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
            Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        ],
        orders=[
            by_instant(
                "create_time", "created_at", then="program_id", index="programs_newest_first"
            )
        ],
        default="create_time desc",
    ),
    following=Following(key=["program_id"], index="programs_by_change"),
    columns=PROGRAM_COLUMNS,
    read=program_from_row,
    of_campaigns=ABOUT,
    listed="state <> 'deleted'",
)
