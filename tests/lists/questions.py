"""Everything that a list declares, asked once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from servicekit.lists.conditions import Parameters, Scope
from servicekit.lists.expressions import And, Operator
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.pages import PageQuery, PageRequest, page_query
from servicekit.lists.schemas import ListSchema

ALL = Scope("")


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What is asked of a list of many rows."""

    schema: ListSchema
    within: Scope
    but: Scope = ALL
    columns: str = "*"
    examples: Mapping[str, str] = field(default_factory=dict)
    """Values by field; any will do for the others."""

    def filters(self) -> Iterator[str]:
        """None, one for every field and operator, and one of them all."""
        yield ""
        each = [
            f"{one.name}{operator}{self._value(one, operator)}"
            for one in self.schema.fields
            for operator in Operator
            if operator in one.operators
        ]
        yield from each
        yield from (f"NOT {one}" for one in each)
        yield " ".join(one for one in each if "!=" not in one)[:1900].rpartition(" ")[0]

    def queries(self) -> Iterator[tuple[str, str, PageQuery]]:
        """What is asked, in which order, and how."""
        for text in self.filters():
            for ordering in self._orderings():
                parameters = Parameters()
                request = PageRequest(
                    expression=And((self.schema.filter(text),)),
                    ordering=self.schema.ordering(ordering),
                    limit=100,
                )
                query = page_query(
                    self.schema,
                    self.columns,
                    request,
                    parameters=parameters,
                    within=self.within.condition(parameters),
                    but=self.but.condition(parameters),
                )
                yield text, ordering, query

    def _orderings(self) -> Sequence[str]:
        names = [order.name for order in self.schema.orders]
        return [written for name in names for written in (name, f"{name} desc")]

    def _value(self, asked: Field, operator: Operator) -> str:
        if operator is Operator.HAS and asked.type is not FieldType.IDS:
            return "*"
        return self.examples.get(asked.name) or _example(asked)


def _example(asked: Field) -> str:
    match asked.type:
        case FieldType.ENUM:
            return next(iter(asked.values))
        case FieldType.INSTANT:
            return "2026-03-02T06:00:00Z"
        case FieldType.INTEGER:
            return "1"
        case FieldType.BOOLEAN:
            return "true"
        case FieldType.DURATION:
            return "1s"
        case _:
            return "x"
