"""The content of a lead list as it arrives: read in slices, in batches, and hashed."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator

from campaigns import errors
from campaigns.leads.lead_list import LeadListReader, NotALeadList
from campaigns.models import Person

from campaign_api.commands.import_result import ImportResult, Line

BATCH = 1000

# The file is read in slices that leave other calls their turn in between.
_SLICE_BYTES = 64 * 1024
_SLICE_ROWS = 500


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

    async def batches(
        self, reader: LeadListReader, result: ImportResult
    ) -> AsyncIterator[list[Line]]:
        """The people of the list, a thousand at a time; what else is told goes to the result.

        Raises `errors.LeadListUnreadable` if the file is no lead list or has no rows.
        """
        try:
            batch: list[Line] = []
            async for line in self._lines(reader, result):
                batch.append(line)
                if len(batch) == BATCH:
                    yield batch
                    batch = []
            if batch:
                yield batch
        except NotALeadList as error:
            raise errors.LeadListUnreadable(str(error)) from error
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
