"""What an account can do on LinkedIn."""

from enum import StrEnum


def length(text: str) -> int:
    """The UTF-16 units of a text, which LinkedIn's pages count: never fewer than characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Kind(StrEnum):
    """Each kind has caps of its own."""

    VISIT = "visit"
    REACTION = "reaction"
    COMMENT = "comment"
    INVITATION = "invitation"
    MESSAGE = "message"
    INMAIL = "inmail"
    WITHDRAWAL = "withdrawal"
    LOOKUP = "lookup"
    """A profile read without a visit; the gateway's own."""
    POST_LIST = "post_list"
    """A read of a person's posts; the gateway's own."""
