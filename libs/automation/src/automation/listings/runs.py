"""Runs of an organization's programs as they are listed."""

from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.schemas import ListSchema, Lookup, by_instant

from automation.listings.organization_pages import OF_PROGRAMS_OF, OrganizationList
from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RUN

RUN_LIST: OrganizationList[Run] = OrganizationList(
    schema=ListSchema(
        name="runs",
        table="runs",
        fields=[
            enum_field("state", RunState, prefix="RUN_STATE_"),
            enum_field("type", RunType, prefix="RUN_TYPE_"),
            enum_field("trigger", RunTrigger, prefix="RUN_TRIGGER_"),
            Field(name="program_id", column="program_id", type=FieldType.ID),
            Field(name="nominal_time", column="nominal_at", type=FieldType.INSTANT),
        ],
        orders=[by_instant("nominal_time", "nominal_at", then="run_id", index="runs_newest_first")],
        default="nominal_time desc",
        lookups=[
            Lookup(field="program_id", order="nominal_time", index="runs_of_programs"),
            Lookup(field="state", order="nominal_time", index="runs_by_state"),
        ],
    ),
    following=Following(key=["run_id"], index="runs_by_change"),
    columns=RUN.selected(),
    read=RUN.read,
    of_campaigns=OF_PROGRAMS_OF,
)
