"""What an account can do on LinkedIn."""

from enum import StrEnum


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
