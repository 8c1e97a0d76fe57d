"""The content of a lead list as it arrives: read in slices, in batches, and hashed."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass

from campaigns import errors
from campaigns.leads.lead_list import LeadListReader, NotALeadList, ReadSoFar
from campaigns.models import Person
from servicekit.errors import FieldViolation
from servicekit.tasks import ahead

from campaign_api.imports.result import ImportResult, Line

BATCH = 1000
"""People that go in at once.

Of five and of twenty times as many the database takes no less for each (some 25 µs, of which 22 are
what COPY takes for the same indexes), and whoever pauses the campaign waits for a batch.
"""

# The file is read in slices that leave other calls their turn in between: of text each takes some
# 4 ms, and four of them are a batch.
_SLICE_BYTES = 16 * 1024
_SLICE_ROWS = 250


@dataclass(frozen=True, kw_only=True)
class Batch:
    """People of a list, and how far it had been read when they were."""

    lines: list[Line]
    so_far: ReadSoFar


def _named(error: NotALeadList) -> Sequence[FieldViolation]:
    """Where the header of a stream has named a column that cannot be meant."""
    if not error.field:
        return ()
    path = f'header.column_by_field["{error.field}"]'
    return (FieldViolation(path, str(error), errors.LeadListUnreadable.reason),)


class ListContent:
    """A file that passes once; afterwards its hash and size are known."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def hash(self) -> str:
        """SHA-256 of what has passed."""
        return self._hash.hexdigest()

    def batches(self, reader: LeadListReader, result: ImportResult) -> AsyncGenerator[Batch, None]:
        """The people of the list, a thousand at a time; what else is told goes to the result.

        While the database has a batch the next one is read. Close it when it is left early.

        Raises `errors.LeadListUnreadable` if the file is no lead list or has no rows.
        """
        return ahead(self._batches(reader, result))

    async def _batches(
        self, reader: LeadListReader, result: ImportResult
    ) -> AsyncGenerator[Batch, None]:
        lines: list[Line] = []
        try:
            async for line in self._lines(reader, result):
                lines.append(line)
                if len(lines) == BATCH:
                    yield Batch(lines=lines, so_far=reader.so_far)
                    lines = []
            if lines:
                yield Batch(lines=lines, so_far=reader.so_far)
        except NotALeadList as error:
            raise errors.LeadListUnreadable(str(error), violations=_named(error)) from error
        if reader.rows == 0:
            raise errors.LeadListUnreadable("The lead list has no rows.")

    async def _lines(self, reader: LeadListReader, result: ImportResult) -> AsyncIterator[Line]:
        async for piece in self._pieces:
            self._hash.update(piece)
            self.size += len(piece)
            for begin in range(0, len(piece), _SLICE_BYTES):
                for row in reader.feed(piece[begin : begin + _SLICE_BYTES]):
                    if isinstance(row, Person):
                        yield reader.line, row
                    else:
                        result.tell(row)
                await asyncio.sleep(0)
        # A workbook is read only now, all of it.
        rest = ((reader.line, row) for row in reader.close())
        while rows := await asyncio.to_thread(lambda: list(itertools.islice(rest, _SLICE_ROWS))):
            for line, row in rows:
                if isinstance(row, Person):
                    yield line, row
                else:
                    result.tell(row)
