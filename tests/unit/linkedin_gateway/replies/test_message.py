"""Who wrote: by ids, and by flags only where ids say nothing."""

from dataclasses import replace
from typing import Any

import pytest
from linkedin_gateway.replies.message import Author, Message, written_by_owner

OWNER = "ACoOWNER"


def message(author: str, *, own: bool = False, attendees: tuple[str, ...] = ()) -> Message:
    return Message(
        message_id="m-1",
        chat_id="chat-1",
        author=Author(provider_id=author),
        owner_ids=(OWNER,),
        attendees=tuple(Author(provider_id=each) for each in attendees),
        marked_own=own,
    )


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({"text": "Call me"}, True),
        ({"text": "Call me", "marked_event": True}, True),
        ({"message_type": "INVITATION", "text": "Hello"}, False),
        ({"marked_group": True, "text": "Hello all"}, False),
        ({"edited": True, "text": "Call me!"}, False),
        ({"marked_event": True}, False),
    ],
)
def test_what_may_be_written_by_hand(changes: dict[str, Any], *, may: bool) -> None:
    """Words to one person, told for the first time; a note only opens the chat."""
    assert replace(message(OWNER, own=True), **changes).may_be_by_hand == may


@pytest.mark.parametrize("flag", [True, False])
def test_ids_of_one_product_decide(*, flag: bool) -> None:
    """Whatever the flag says, the owner's id is the owner and another one is not."""
    assert written_by_owner(message(OWNER, own=flag), "")
    assert not written_by_owner(message("ACoADA", own=flag), "")
    assert not written_by_owner(message("ACwADA", own=flag, attendees=("ACwADA",)), "")


@pytest.mark.parametrize("author", ["", "ACwWHO", "AEWHO"])
def test_without_a_comparable_id_the_flag_decides(author: str) -> None:
    """An id of another product may be the owner's; the flag knows."""
    assert written_by_owner(message(author, own=True), OWNER)
    assert not written_by_owner(message(author, own=False), OWNER)


@pytest.mark.parametrize(
    ("author", "owner", "plain"),
    [
        (Author(provider_id="ACoADA"), OWNER, True),
        (Author(provider_id="ACwADA"), OWNER, False),
        (Author(provider_id="AEADA"), OWNER, False),
        (Author(name_or_id="ACwAAAAAAAAAAAAAAAAAADA"), OWNER, False),
        (Author(provider_id="ACoADA"), "ACwOWNER", False),
        (Author(name_or_id="ada-quill", member_urn="7"), OWNER, False),
    ],
)
def test_whose_inbox_a_chat_is_in(author: Author, owner: str, *, plain: bool) -> None:
    """A message of a product's inbox, whatever its type, opens no chat that we write in."""
    said = replace(message(""), author=author, owner_ids=(owner,), message_type="MESSAGE")

    assert said.in_plain_chat == plain
