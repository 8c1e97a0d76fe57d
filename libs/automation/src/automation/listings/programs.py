"""Programs of an organization as they are listed."""

from collections.abc import Sequence

from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.schemas import ListSchema, by_instant

from automation.listings.organization_pages import ABOUT, OrganizationList
from automation.programs.program import Program, ProgramMode, ProgramState
from automation.programs.rows import PROGRAM_COLUMNS, program_from_row


def _programs(
    name: str, states: Sequence[ProgramState], *, listed: str
) -> OrganizationList[Program]:
    return OrganizationList(
        schema=ListSchema(
            name=name,
            table="programs",
            fields=[
                enum_field("state", states, prefix="PROGRAM_STATE_"),
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
        listed=listed,
    )


PROGRAM_LIST = _programs(
    "programs",
    [each for each in ProgramState if each is not ProgramState.DELETED],
    listed="state <> 'deleted'",
)
"""What is deleted is asked for by no filter, for there is none."""
WITH_DELETED = _programs("programs, deleted ones too", [*ProgramState], listed="")
