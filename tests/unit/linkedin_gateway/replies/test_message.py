"""Who wrote: by ids, and by flags only where ids say nothing."""

import pytest
from linkedin_gateway.replies.message import Author, Message, written_by_owner

OWNER = "ACoOWNER"


def message(author: str, *, own: bool = False, attendees: tuple[str, ...] = ()) -> Message:
    return Message(
        message_id="m-1",
        chat_id="chat-1",
        author=Author(provider_id=author),
        owner_ids=(OWNER,),
        attendee_ids=attendees,
        marked_own=own,
    )


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
