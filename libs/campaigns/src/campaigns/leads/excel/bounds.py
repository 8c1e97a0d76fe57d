"""How much an Excel file may unpack to, looked at before anything is made of it.

What is small as a file may be anything when it is unpacked: 44 KiB of one row came to three
gigabytes. The library holds sheets and strings one row or one string at a time, and every other
part as a whole; what it holds at once is bounded by its tags. Which part it takes for what is read
here as it reads it, from the parts that name others.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator

from defusedxml.ElementTree import iterparse

from campaigns.leads.csv_records import TableUnreadable
from campaigns.leads.file_kinds import archive_refusal

LARGEST_UNPACKED = 400 * 1024 * 1024
LARGEST_PART = 32 * 1024 * 1024
"""Of what is held as a whole."""
MOST_TAGS = 500_000
"""Of what is held at once: a row as wide as Excel allows has a fifth of it."""
MOST_ROWS = 1_048_576
"""As many as Excel itself has."""
MOST_STRINGS = 2_000_000
_MOST_FILES = 2_000
_PIECE = 1024 * 1024
_TYPES = "[Content_Types].xml"
_STREAMED = ("/worksheet", ".worksheet+xml", "/sharedStrings", ".sharedStrings+xml")
_BEGINS = re.compile(rb"<(?:\w+:)?(?:row|si)\b")
_TOO_MUCH = "The Excel file unpacks to more than can be read."


def check_bounds(archive: zipfile.ZipFile) -> None:
    """Raise `TableUnreadable` if it is another kind of file, or unpacks beyond measure."""
    files = archive.infolist()
    refused = archive_refusal([each.filename for each in files])
    if refused:
        raise TableUnreadable(refused)
    if len(files) > _MOST_FILES or sum(each.file_size for each in files) > LARGEST_UNPACKED:
        raise TableUnreadable(_TOO_MUCH)
    names = {each.filename for each in files}
    naming = {name for name in names if name == _TYPES or name.endswith(".rels")}
    for name in naming:
        _check_whole(archive, name)
    streamed = _streamed(archive, naming)
    for name in names - naming:
        if name in streamed:
            _check_streamed(archive, name)
        else:
            _check_whole(archive, name)


def _streamed(archive: zipfile.ZipFile, naming: set[str]) -> set[str]:
    """The parts that are sheets or strings, and that nothing names as anything else."""
    kinds: dict[str, set[str]] = {}
    for source in naming:
        folder = posixpath.dirname(posixpath.dirname(source))
        with archive.open(source) as file:
            for _, element in iterparse(file):
                part = element.get("PartName") or element.get("Target") or ""
                kind = element.get("ContentType") or element.get("Type") or ""
                path = part[1:] if part.startswith("/") else posixpath.join(folder, part)
                if part and element.get("TargetMode") != "External":
                    kinds.setdefault(posixpath.normpath(path), set()).add(kind)
    return {part for part, named in kinds.items() if all(k.endswith(_STREAMED) for k in named)}


def _check_whole(archive: zipfile.ZipFile, name: str) -> None:
    size = tags = 0
    for piece in _pieces(archive, name):
        size, tags = size + len(piece), tags + piece.count(b"<")
        if size > LARGEST_PART or tags > MOST_TAGS:
            raise TableUnreadable(_TOO_MUCH)


def _check_streamed(archive: zipfile.ZipFile, name: str) -> None:
    begun = tags = 0
    for piece in _pieces(archive, name):
        places = [found.start() for found in _BEGINS.finditer(piece)]
        first, last = (places[0], places[-1]) if places else (len(piece), 0)
        most = tags + piece.count(b"<", 0, first)
        tags = piece.count(b"<", last) if places else most
        begun += len(places)
        if max(most, tags) > MOST_TAGS or begun > max(MOST_ROWS, MOST_STRINGS):
            raise TableUnreadable(_TOO_MUCH)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part as it unpacks, if it is XML; a picture is not looked at."""
    with archive.open(name) as file:
        piece = file.read(_PIECE)
        if not piece.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<") and piece.strip():
            return
        while piece:
            # One tag, or one text, that is longer than a cell can be.
            if len(piece) == _PIECE and b"<" not in piece:
                raise TableUnreadable(_TOO_MUCH)
            yield piece
            piece = file.read(_PIECE)
