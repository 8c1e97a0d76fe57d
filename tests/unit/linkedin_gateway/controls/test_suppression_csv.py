"""Lists as people have them."""

from collections.abc import AsyncIterator

import pytest
from linkedin_gateway.controls import suppression_csv as suppression_list
from linkedin_gateway.controls.suppression_csv import collected, read_list
from linkedin_gateway.errors import SuppressionListUnreadable
from linkedin_gateway.models.suppression_keys import Subject


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_are_found_out(delimiter: str, end: str) -> None:
    """Whatever parts the columns, the rows name the same people."""
    lines = [("Name", "E-Mail", "Company"), ("Ada", "ada@example.com", ""), ("", "", "Acme")]

    listed = read_list(end.join(delimiter.join(line) for line in lines).encode())

    assert list(listed.named) == [
        (Subject.EMAIL, "ada@example.com"),
        (Subject.COMPANY, "Acme"),
    ]
    assert (listed.rows, listed.errors) == (2, [])


@pytest.mark.parametrize(
    "cell",
    [
        "https://www.linkedin.com/in/ada-example/",
        "linkedin.com/in/ada-example?trk=x",
        "ada-example",
    ],
)
def test_profiles_by_address_or_name(cell: str) -> None:
    """The address of a profile names the person as its last part does."""
    listed = read_list(f"LinkedIn URL\n{cell}\n".encode())

    assert list(listed.named) == [(Subject.PERSON, "ada-example")]


def test_people_do_not_silence_their_company() -> None:
    """A row that names a person forbids that person, not everybody where they work."""
    content = b"email,company,domain\nada@example.com,Acme,acme.example\n,Acme,acme.example\n"

    listed = read_list(content)

    assert listed.named[0] == (Subject.EMAIL, "ada@example.com")
    assert set(listed.named[1:]) == {
        (Subject.COMPANY, "Acme"),
        (Subject.EMAIL_DOMAIN, "acme.example"),
    }


def test_bad_rows_are_told_by_line() -> None:
    """Each bad row is told with its own line, quoted line breaks included; good ones stay."""
    content = b'email,name\n"ada@example.com","A\nB"\nnobody,x\n\n,y\n"bob@example.com",z\n'

    listed = read_list(content)

    assert [(error.line, error.description) for error in listed.errors] == [
        (4, "'nobody' is no e-mail address."),
        (6, "The row names nobody."),
    ]
    assert listed.rows == 4
    assert [label for _, label in listed.named] == ["ada@example.com", "bob@example.com"]


def test_other_encodings() -> None:
    """A byte order mark is skipped; what is not UTF-8 is read as spreadsheets write it."""
    marked = read_list("\ufeffcompany\nAcmé\n".encode())
    western = read_list("company\nAcmé\n".encode("cp1252"))

    assert marked.named == western.named == [(Subject.COMPANY, "Acmé")]


@pytest.mark.parametrize("content", [b"", b"name,age\nAda,7\n", b"email\n\0\n"])
def test_what_is_no_table(content: bytes) -> None:
    """Without a column that can name somebody nothing is guessed."""
    with pytest.raises(SuppressionListUnreadable):
        read_list(content)


async def test_endless_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that never ends is refused before it fills the memory."""
    monkeypatch.setattr(suppression_list, "LARGEST", 100)
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 30

    with pytest.raises(SuppressionListUnreadable):
        await collected(endless())
    assert taken == 4
