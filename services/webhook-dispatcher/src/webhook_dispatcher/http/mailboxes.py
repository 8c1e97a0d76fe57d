"""What is one e-mail address, and nothing that could be more. Pure."""

import re

MAILTO = "mailto:"
_MAILBOX = re.compile(
    r"([A-Za-z0-9!#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+)*)"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_MOST_LOCAL, _MOST_CHARACTERS = 64, 254


def is_mailbox(text: str) -> bool:
    """Whether a header, and a mail server, read it as one address."""
    found = _MAILBOX.fullmatch(text)
    return found is not None and len(found[1]) <= _MOST_LOCAL and len(text) <= _MOST_CHARACTERS
