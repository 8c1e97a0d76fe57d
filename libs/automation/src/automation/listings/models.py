"""Models of an organization as they are listed; what they score by is left out."""

from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.schemas import ListSchema, Lookup, by_instant

from automation.listings.organization_pages import OF_PROGRAMS_OF, OrganizationList
from automation.training.evaluation import Verdict
from automation.training.model_repository import MODEL
from automation.training.trained_model import TrainedModel

MODEL_LIST: OrganizationList[TrainedModel] = OrganizationList(
    schema=ListSchema(
        name="models",
        table="models",
        fields=[
            enum_field("verdict", Verdict, prefix="MODEL_VERDICT_"),
            Field(name="program_id", column="program_id", type=FieldType.ID),
            Field(name="create_time", column="trained_at", type=FieldType.INSTANT),
        ],
        orders=[by_instant("create_time", "trained_at", then="model_id", index="models_pkey")],
        default="create_time desc",
        lookups=[Lookup(field="program_id", order="create_time", index="models_of_programs")],
    ),
    following=Following(key=["model_id"], index="models_by_change"),
    columns=MODEL.selected().replace("body", "'' AS body"),
    read=MODEL.read,
    of_campaigns=OF_PROGRAMS_OF,
)
