"""The list of workflows as it is declared: visibility answers it, in the one order that it has."""

from servicekit.lists.errors import OrderNotSupported
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.schemas import Key, ListSchema, Order
from temporalio.client import WorkflowExecutionStatus

from campaign_api.workflows.names import WorkflowType

ORDER = "close_time desc"
"""Those that have not ended first, the latest to begin at the front: every store has it so."""

WORKFLOWS = ListSchema(
    name="workflows",
    table="visibility",
    fields=(
        Field(
            name="type",
            column="WorkflowType",
            type=FieldType.ENUM,
            values={each.name: each.value for each in WorkflowType},
            prefix="WORKFLOW_TYPE_",
        ),
        Field(
            name="status",
            column="ExecutionStatus",
            type=FieldType.ENUM,
            values={
                each.name: "".join(word.title() for word in each.name.split("_"))
                for each in WorkflowExecutionStatus
            },
            prefix="WORKFLOW_STATUS_",
        ),
        Field(name="campaign_id", column="CampaignId", type=FieldType.ID, nullable=True),
        Field(name="lead_id", column="LeadId", type=FieldType.ID, nullable=True),
        Field(name="start_time", column="StartTime", type=FieldType.INSTANT),
        Field(name="close_time", column="CloseTime", type=FieldType.INSTANT, nullable=True),
    ),
    orders=(
        Order(
            name="close_time",
            # Where a page ends only visibility knows, and says it in a token of its own.
            keys=(Key(column="token", type=FieldType.ID),),
            index="visibility",
        ),
    ),
    default=ORDER,
)


def require_order(order_by: str) -> None:
    """Raise `OrderNotSupported` for any other than the one that there is."""
    if (order_by.strip() or ORDER).split() != ORDER.split():
        told = "Workflows come in one order, as the visibility store of Temporal has them."
        raise OrderNotSupported(told, orders=ORDER)
