"""Addresses of LinkedIn profiles → the public identifier of a person. Pure.

The identifier is the part after `/in/`, as LinkedIn compares it: decoded, in
lower case, without query or trailing parts. Ids that LinkedIn itself assigns
(`ACoAA…`, and `ACwAA…` in Sales Navigator) are case-sensitive and stay as they are.
What tools and spreadsheets do to an address is undone: formulas, doubled prefixes, dashes in
costume, the full stop of a sentence. Nothing is guessed: an address that may lead to
somebody else, or to a page that every member has, is refused with its reason.
"""

# ruff: noqa: RUF001 - quotes and dashes are meant

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote, urlsplit

from campaigns.leads.encodings import mended
from campaigns.texts.blanks import WORDS_FOR_NOTHING, folded, is_blank

LONGEST_ADDRESS = 2_000
LONGEST_IDENTIFIER = 150

_SURROUNDINGS = " \t\r\n\"'<>“”„‘’«»\u200b\u200c\u200d\u2060\ufeff\u00a0"
_SCHEME = re.compile(r"(?i)^(?:https?:/{0,2}|//)")
_NO_HOST = re.compile(r"(?i)^/?(?:in|company|school|showcase|sales|talent|recruiter|pub)/")
_HOST = re.compile(r"(?i)^(?:[a-z0-9-]+\.){0,3}linkedin\.com$")
_ASSIGNED_ID = re.compile(r"^A[A-Z][A-Za-z]AA[A-Za-z0-9_-]{15,}$")
_FORBIDDEN = re.compile(r"[\s/\\?#%\"<>{}|^`\[\]@:;,]")
_PREFIXES = frozenset({"comm", "mwlite", "m"})
_DOUBLED = frozenset({"in", "http:", "https:"})
_COMPANY_PATHS = frozenset({"company", "companies", "school", "showcase", "organization"})
_RECRUITER_PATHS = frozenset({"recruiter", "talent", "hire", "cap"})
_SALES_PEOPLE = frozenset({"lead", "people", "profile"})
_MOST_ENCODINGS = 3
_FORMULA = re.compile(
    r"""(?ix)^=\s*HYPERLINK\(\s*"([^"]+)" | ^\[[^\]]*\]\(([^)\s]+)\)?$
    | ^a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)"""
)
"""As a spreadsheet, Markdown and a web page write an address with its words."""
_IN_BRACKETS = re.compile(r"\s+\([^()]*\)$")
_PAGES = frozenset({"edit", "details", "overlay", "recent-activity"})
"""Of somebody's profile."""
_USUAL = re.compile(r"https?://(?:www\.)?linkedin\.com/in/([a-z0-9][a-z0-9-]{2,99})/?")
"""An address to which nothing was done; most are, and lists are long."""
_BEHIND_NAME = re.compile(r"/?[?#&]|/+$")
"""What begins a query or ends a path, where a tool has escaped the sign or put another."""
_COSTUMES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"
_DASHES = str.maketrans(dict.fromkeys(_COSTUMES, "-"))
_TRAILING = ".,;:!?)]}'\"’”»…*"
_NOBODY = frozenset(
    """
    in me edit new unavailable undefined null unknown settings details overlay feed jobs
    messaging notifications mynetwork search login signup authwall public-profile recent-activity
    opportunities linkedin-member linkedin profile username your-name yourname
    linkedinmember linkedin-user your-profile yourprofile firstname-lastname firstnamelastname
    company people contact-info n-a n/a none nil empty missing not-found notfound
    name user-name user example handle firstname lastname first-last first-name last-name
    not-available not-applicable not-provided no-data private hidden confidential 404
    """.split()  # noqa: SIM905  words read best as words
)
"""Pages that every member has, and what tools write where they know nobody."""
_NOBODY_AT_ALL = WORDS_FOR_NOTHING | frozenset(map(folded, _NOBODY))


class ProfileAddressInvalid(ValueError):
    """The address is not that of a person's profile; `reason` says what it is instead."""

    def __init__(self, reason: str, description: str) -> None:
        super().__init__(description)
        self.reason = reason
        self.description = description


def public_identifier(address: str) -> str:
    """The public identifier in the address of a profile.

    Raises ProfileAddressInvalid: URL_MISSING, URL_UNREADABLE, NOT_LINKEDIN,
    COMPANY_PAGE, SALES_NAVIGATOR or RECRUITER.
    """
    usual = _USUAL.fullmatch(address)
    if usual is not None and usual[1].replace("-", "") not in _NOBODY_AT_ALL:
        return usual[1]
    text = address.strip(_SURROUNDINGS)
    formula = _FORMULA.match(text)
    if formula is not None:
        text = (formula[1] or formula[2] or formula[3]).strip(_SURROUNDINGS)
    if is_blank(text):
        raise ProfileAddressInvalid("URL_MISSING", "There is no profile address.")
    if len(text) > LONGEST_ADDRESS:
        raise _unreadable("The profile address is too long.")
    host, path = _host_and_path(text)
    if host is not None and not _HOST.match(host):
        raise ProfileAddressInvalid("NOT_LINKEDIN", "The address does not lead to linkedin.com.")
    parts = [part for part in path.split("/") if part]
    while parts and parts[0].lower() in _PREFIXES:
        parts = parts[1:]
    return _identifier(parts)


def is_assigned(identifier: str) -> bool:
    """Whether LinkedIn has assigned this identifier, and nobody has chosen it."""
    return _ASSIGNED_ID.match(identifier) is not None


def profile_url(identifier: str) -> str:
    """The address of the profile with this public identifier."""
    return f"https://www.linkedin.com/in/{quote(identifier, safe='')}"


def _host_and_path(text: str) -> tuple[str | None, str]:
    if "/" not in text and "%2f" in text.lower():
        text = unquote(text)
    if _NO_HOST.match(text):
        return None, re.split(r"[?#]", text, maxsplit=1)[0]
    try:
        split = urlsplit("https://" + _SCHEME.sub("", text).lstrip("/"))
        host = (split.hostname or "").rstrip(".")
    except ValueError as error:
        raise _unreadable("The profile address cannot be read.") from error
    if "." not in host or any(letter.isspace() for letter in host):
        raise _unreadable("This is not the address of a profile (…/in/name).")
    return host, split.path


def _identifier(parts: list[str]) -> str:
    place = parts[0].lower() if parts else ""
    if place in _COMPANY_PATHS:
        raise ProfileAddressInvalid("COMPANY_PAGE", "This is the page of a company, not a person.")
    if place == "sales":
        if len(parts) > 2 and parts[1].lower() in _SALES_PEOPLE:  # noqa: PLR2004  sales, lead, id
            lead_id = _decoded(parts[2]).partition(",")[0]
            if _ASSIGNED_ID.match(lead_id):
                return lead_id
        raise ProfileAddressInvalid(
            "SALES_NAVIGATOR", "This is a Sales Navigator address; use the public profile's."
        )
    if place in _RECRUITER_PATHS:
        raise ProfileAddressInvalid(
            "RECRUITER", "This is a Recruiter address; use the public profile's."
        )
    if place == "pub":
        raise _unreadable("This is an address of the old form (/pub/…); use the one with /in/.")
    if place != "in" or len(parts) == 1:
        raise _unreadable("This is not the address of a profile (…/in/name).")
    name = _IN_BRACKETS.sub("", mended(_decoded(_name(parts[1:]))))
    identifier = _folded(_cleaned(_within(_BEHIND_NAME.split(name, maxsplit=1)[0])))
    if (
        not identifier
        or len(identifier) > LONGEST_IDENTIFIER
        or _FORBIDDEN.search(identifier)
        or any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in identifier)
    ):
        raise _unreadable("The name in the profile address cannot be read.")
    if folded(identifier) in _NOBODY_AT_ALL or not any(letter.isalnum() for letter in identifier):
        raise _unreadable("The profile address does not name a person.")
    return identifier


def _name(parts: list[str]) -> str:
    """The part that names somebody, behind prefixes that a tool has put there twice."""
    for i, part in enumerate(parts):
        plain = part.lower()
        if plain in _DOUBLED or _HOST.match(plain):
            continue
        if i and parts[i - 1].lower() in {"http:", "https:"}:
            raise ProfileAddressInvalid(
                "NOT_LINKEDIN", "The address does not lead to linkedin.com."
            )
        if plain == "sales" and parts[i + 1 :]:
            return _identifier(parts[i:])
        # `N/A` is two parts.
        return "" if "/".join(parts[i:]).casefold() in _NOBODY else part
    return ""


def _within(name: str) -> str:
    """The part that names somebody where a tool has escaped the signs between parts."""
    parts = [part for part in name.split("/") if part]
    if len(parts) > 1 and (parts[0].lower() in _DOUBLED or _HOST.match(parts[0])):
        return _name(parts)
    is_page = len(parts) > 1 and parts[1].lower() in _PAGES
    is_of_sales = _ASSIGNED_ID.match(name.partition(",")[0]) is not None
    return parts[0] if is_page else name.partition(",")[0] if is_of_sales else name


def _cleaned(name: str) -> str:
    """Without what cannot be seen, in plain dashes, and without the end of a sentence."""
    if name.isascii():
        return name.strip(_SURROUNDINGS).rstrip(_TRAILING)
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    # A dash in costume at the end is of the sentence, and no part of a name.
    return seen.strip(_SURROUNDINGS).rstrip(_TRAILING + _COSTUMES).translate(_DASHES)


def _decoded(part: str) -> str:
    for _ in range(_MOST_ENCODINGS):
        if "%" not in part:
            break
        try:
            part = unquote(part, errors="strict")
        except UnicodeDecodeError as error:
            raise _unreadable("The profile address is not encoded as UTF-8.") from error
    return part


def _folded(identifier: str) -> str:
    if _ASSIGNED_ID.match(identifier):
        return identifier
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", identifier).lower())


def _unreadable(description: str) -> ProfileAddressInvalid:
    return ProfileAddressInvalid("URL_UNREADABLE", description)
