"""Reports of an organization as they are listed."""

from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.schemas import ListSchema, Lookup, by_instant

from automation.listings.organization_pages import ABOUT, OrganizationList
from automation.reports.report import Report, ReportKind
from automation.reports.report_repository import READ, report_of_row

REPORT_LIST: OrganizationList[Report] = OrganizationList(
    schema=ListSchema(
        name="reports",
        table="reports",
        fields=[
            enum_field("kind", ReportKind, prefix="REPORT_KIND_"),
            Field(name="program_id", column="program_id", type=FieldType.ID),
            Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
            Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        ],
        orders=[
            by_instant("create_time", "created_at", then="report_id", index="reports_newest_first")
        ],
        default="create_time desc",
        lookups=[Lookup(field="program_id", order="create_time", index="reports_of_programs")],
    ),
    following=Following(key=["report_id"], index="reports_by_change"),
    columns=READ,
    read=report_of_row,
    of_campaigns=ABOUT,
)
