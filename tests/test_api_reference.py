"""The API's reference says what the protos say."""

from pathlib import Path

from devstack.api_reference import api_reference, read_protos

from tests.protos import methods

REFERENCE = Path(__file__).parents[1] / "docs/api"


def test_the_reference_is_that_of_the_protos() -> None:
    """Written anew it is the same; `make api-reference` writes it."""
    written = {page.name: page.read_text() for page in REFERENCE.glob("*.md")}

    assert written == api_reference(read_protos())


def test_every_method_is_in_it() -> None:
    """What is served is told, by a heading that the index leads to."""
    pages = {page.name: page.read_text() for page in REFERENCE.glob("*.md")}

    for method in methods():
        service = method.containing_service
        heading = f"### {service.name}.{method.name}\n"
        anchor = f"({service.file.package}.md#{service.name.lower()}{method.name.lower()})"
        assert heading in pages[f"{service.file.package}.md"]
        assert anchor in pages["README.md"]
