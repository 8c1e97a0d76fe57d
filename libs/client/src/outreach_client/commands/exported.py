"""Files that come in pieces, written as they come; what was broken off goes on where it was."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from outreach_client.formats.output import print_json
from outreach_client.session import follow, written_to


class ExportRequest(Protocol):
    """A request for a file, from a place on."""

    token: str


def write_pieces(
    request: ExportRequest, export: Callable[[Any], Any], file: Path, *, as_json: bool
) -> None:
    """Write a file, which stays as it is until the first piece; or print the pieces as JSON."""
    with ExitStack() as stack:
        written: BinaryIO | None = None

        def write(answer: Any) -> None:
            nonlocal written
            request.token = answer.next_token
            if as_json:
                print_json(answer, one_line=True)
                return
            if written is None:
                written = stack.enter_context(written_to(file))
            written.write(answer.content)

        follow(export, write)
        if written is None and not as_json:
            stack.enter_context(written_to(file))
