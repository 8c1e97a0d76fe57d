"""The catalogue of events says what is sent."""

import pytest
from devstack.event_catalogue.examples import example_of
from devstack.event_catalogue.pages import catalogue
from devstack.event_catalogue.types import TRIAL, CataloguedType, types
from outreach.webhook.v1 import event_pb2 as pb
from webhook_dispatcher.convert import examples
from webhook_dispatcher.convert.payload import TYPE_NAMES

from tests.event_catalogue import CATALOGUE, differences

TYPES = {each.name: each for each in types()}


def test_the_catalogue_is_that_of_the_contract() -> None:
    """Written anew it is the same; `make event-catalogue` writes it."""
    written = {file.name: file.read_text(encoding="utf-8") for file in CATALOGUE.iterdir()}

    assert written == catalogue()


def test_every_type_has_a_page_that_the_index_leads_to() -> None:
    """A type that is added to the contract and not to the catalogue is found."""
    index = (CATALOGUE / "README.md").read_text(encoding="utf-8")

    for name in {*TYPE_NAMES, TRIAL}:
        assert f"({name}.md)" in index
        assert (CATALOGUE / f"{name}.md").exists()


@pytest.mark.parametrize("of", TYPES.values(), ids=TYPES)
def test_every_type_says_what_it_is_and_holds(of: CataloguedType) -> None:
    """By the contract's own words, and by parts that an event has."""
    assert of.text.endswith(".")
    assert of.parts or of.name == TRIAL
    assert set(of.parts) <= {field.name for field in pb.Event.DESCRIPTOR.fields}


@pytest.mark.parametrize("of", TYPES.values(), ids=TYPES)
def test_every_example_is_as_its_schema_says(of: CataloguedType) -> None:
    """It is written by what writes events, and has all that is promised."""
    assert differences(example_of(of)) == []


@pytest.mark.parametrize("of", TYPES.values(), ids=TYPES)
def test_what_lacks_or_has_more_differs(of: CataloguedType) -> None:
    """A part or a field that is missing is seen, and so is one that no schema names."""
    example = example_of(of)
    part = next(iter(example["data"]))
    without = example | {"data": {k: v for k, v in example["data"].items() if k != part}}
    more = example | {"data": example["data"] | {"novelty": {}}}

    assert len(differences(without)) == 1
    assert len(differences(more)) == 1
    assert differences(example | {"type": "lead.vanished"}) == ["lead.vanished: has no page"]


def test_parts_of_the_examples_are_set() -> None:
    """An example of a part that is empty would show nothing."""
    for of in types():
        if of.parts:
            event = examples.example_of(of.name)
            assert all(getattr(event, part).ByteSize() for part in of.parts)
