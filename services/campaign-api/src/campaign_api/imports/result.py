"""What becomes of a lead list: counted, and shown by examples."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from campaigns.leads.lead_list import ReadSoFar, RowError, RowNote
from campaigns.models import Person

from campaign_api.commands.lead_outlook import Foreseen

MAX_ROW_ERRORS = 1000
MAX_ROW_NOTES = 1000
EXAMPLES = 5

_OF_A_BATCH = (*("imported", "released", "duplicates", "clocks_not_kept", "fallback_by_variable"),)
"""What is counted of those who go in."""

Line = tuple[int, Person]
"""A person, and where they stand in the file."""


@dataclass(frozen=True, kw_only=True)
class ImportChoices:
    """What a caller says of how to read a list."""

    column_by_field: Mapping[str, str] = field(default_factory=dict)
    literal: Collection[str] = ()


class ExampleKind(StrEnum):
    """What an example is one of; `lead_service.proto` says what each means."""

    NEW = "new"
    DUPLICATE_IN_LIST = "duplicate_in_list"
    DUPLICATE_IN_CAMPAIGN = "duplicate_in_campaign"
    IN_RUNNING_CAMPAIGN = "in_running_campaign"
    SUPPRESSED = "suppressed"
    HELD_BACK = "held_back"
    CLOCK_NOT_KEPT = "clock_not_kept"


@dataclass(frozen=True, kw_only=True)
class Example:
    """A person of a list, as an example of what becomes of them."""

    kind: ExampleKind
    line: int
    public_identifier: str = ""
    detail: str = ""


@dataclass(kw_only=True)
class FallbackUse:
    """For how many leads a variable's fallback stands in, and where the first of them stand."""

    leads: int = 0
    lines: list[int] = field(default_factory=list)

    def note(self, line: int) -> None:
        """One more lead, from that line."""
        self.leads += 1
        if len(self.lines) < EXAMPLES:
            self.lines.append(line)


@dataclass(kw_only=True)
class ImportResult:
    """What became of the rows of a list, or would.

    `released` are leads that were held back and are complete now; `held_back`
    counts those of the whole campaign that still are, or of a validation's rows
    those that would be. `suppressed` is None where that is not known. `clocks_not_kept`
    and `fallback_by_variable` are of those that went in, or would.
    """

    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    duplicates_in_list: int = 0
    rejected: int = 0
    skipped: int = 0
    released: int = 0
    held_back: int = 0
    in_running_campaigns: int = 0
    suppressed: int | None = None
    clocks_not_kept: int = 0
    fallback_by_variable: dict[str, FallbackUse] = field(default_factory=dict)
    encoding: str = ""
    import_id: str = ""
    earlier_import_id: str = ""
    column_by_field: Mapping[str, str] = field(default_factory=dict)
    row_errors: list[RowError] = field(default_factory=list)
    row_notes: list[RowNote] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)

    def tell(self, row: RowError | RowNote) -> None:
        """Keep what is told of a row, as far as there is room."""
        if isinstance(row, RowError):
            if len(self.row_errors) < MAX_ROW_ERRORS:
                self.row_errors.append(row)
            return
        if len(self.row_notes) < MAX_ROW_NOTES:
            self.row_notes.append(row)
        if row.reason == "DUPLICATE_IN_LIST":
            self.show(Example(kind=ExampleKind.DUPLICATE_IN_LIST, line=row.line))

    def reject(self, row: RowError) -> None:
        """Count a row of which nothing becomes, and tell of it."""
        self.rejected += 1
        self.tell(row)

    def show(self, example: Example) -> None:
        """Keep an example, unless there are enough of its kind."""
        if sum(each.kind is example.kind for each in self.examples) < EXAMPLES:
            self.examples.append(example)

    def foresee(self, line: int, who: str, foreseen: Foreseen) -> None:
        """Count what a lead that goes in will get."""
        for name in foreseen.fallbacks:
            self.fallback_by_variable.setdefault(name, FallbackUse()).note(line)
        if foreseen.clock:
            self.clocks_not_kept += 1
            self.show(
                Example(
                    kind=ExampleKind.CLOCK_NOT_KEPT,
                    line=line,
                    public_identifier=who,
                    detail=foreseen.clock,
                )
            )

    def fallbacks(self) -> list[Mapping[str, Any]]:
        """As they are kept and told: most leads first."""
        uses = sorted(self.fallback_by_variable.items(), key=lambda each: (-each[1].leads, each[0]))
        return [{"variable": name} | asdict(use) for name, use in uses]

    def take_from(self, read: ReadSoFar) -> None:
        """What the reader has counted, once it is through or has given up."""
        self.rows, self.rejected, self.skipped = read.rows, read.rejected, read.skipped
        self.duplicates_in_list = read.duplicates
        self.duplicates += read.duplicates
        self.encoding = read.encoding
        if read.header_by_field is not None:
            self.column_by_field = read.header_by_field

    def counts(self) -> Mapping[str, Any]:
        """What is kept of an import: figures, headers, and which rows are bad; nobody's name."""
        kept = (
            *("rows", "imported", "duplicates", "duplicates_in_list", "rejected", "skipped"),
            *("released", "held_back", "encoding"),
        )
        foreseen = {"clocks_not_kept": self.clocks_not_kept, "fallbacks": self.fallbacks()}
        # What came later only where it is set: the release before knows nothing of it.
        told = {name: each for name, each in foreseen.items() if each}
        return (
            {name: getattr(self, name) for name in kept}
            | told
            | {
                "column_by_field": dict(self.column_by_field),
                "row_errors": [
                    {"line": row.line, "column": row.column, "reason": row.reason}
                    for row in self.row_errors
                ],
            }
        )

    def so_far(self, read: ReadSoFar) -> "ImportResult":
        """The same with what the reader has counted, while it reads on."""
        result = replace(self)
        result.take_from(read)
        return result

    @contextmanager
    def counted_if_kept(self) -> Iterator[None]:
        """A block of which nothing is counted unless it comes to its end.

        What is told of rows by whoever reads ahead meanwhile stays.
        """
        before = {name: deepcopy(getattr(self, name)) for name in _OF_A_BATCH}
        try:
            yield
        except BaseException:
            vars(self).update(before)
            raise

    def go_on_from(self, kept: Mapping[str, Any]) -> None:
        """Count on from what was kept; what is read once more the reader counts."""
        self.imported, self.released = kept.get("imported", 0), kept.get("released", 0)
        self.duplicates = kept.get("duplicates", 0) - kept.get("duplicates_in_list", 0)
        self.clocks_not_kept = kept.get("clocks_not_kept", 0)
        self.fallback_by_variable = {
            each["variable"]: FallbackUse(leads=each["leads"], lines=list(each["lines"]))
            for each in kept.get("fallbacks", ())
        }
