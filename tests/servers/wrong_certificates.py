"""Certificates with something wrong with them, each of which nobody may believe."""

from datetime import UTC, datetime, timedelta

import trustme

WRONG = ("over", "not valid yet", "of another name", "of a strange authority")
_A_DAY = timedelta(days=1)
_STRANGE = trustme.CA()


def wrong_certificate(kind: str, *, name: str, authority: trustme.CA) -> trustme.LeafCert:
    """One for this machine that the authority has signed, but for what is wrong."""
    now = datetime.now(UTC)
    names = ["elsewhere.example"] if kind == "of another name" else [name, "localhost", "127.0.0.1"]
    signs = _STRANGE if kind == "of a strange authority" else authority
    before, after = {
        "over": (now - 2 * _A_DAY, now - timedelta(seconds=1)),
        "not valid yet": (now + _A_DAY, now + 2 * _A_DAY),
    }.get(kind, (None, None))
    return signs.issue_cert(*names, common_name=name, not_before=before, not_after=after)
