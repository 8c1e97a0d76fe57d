"""Decisions of an organization as they are listed."""

from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.schemas import ListSchema, Lookup, by_instant

from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.rows import DECISIONS
from automation.listings.organization_pages import ABOUT, OrganizationList

DECISION_LIST: OrganizationList[Decision] = OrganizationList(
    schema=ListSchema(
        name="decisions",
        table="decisions",
        fields=[
            enum_field("kind", DecisionKind, prefix="DECISION_KIND_"),
            enum_field("state", DecisionState, prefix="DECISION_STATE_"),
            Field(name="program_id", column="program_id", type=FieldType.ID),
            Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
            Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        ],
        orders=[by_instant("create_time", "created_at", then="id", index="decisions_newest_first")],
        default="create_time desc",
        lookups=[
            Lookup(field="program_id", order="create_time", index="decisions_of_program"),
            Lookup(field="state", order="create_time", index="decisions_by_state"),
        ],
    ),
    following=Following(key=["id"], index="decisions_by_change"),
    columns=DECISIONS.selected(),
    read=DECISIONS.read,
    of_campaigns=ABOUT,
    counted=True,
)
