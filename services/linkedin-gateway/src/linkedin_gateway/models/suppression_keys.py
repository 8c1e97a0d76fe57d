"""What a suppression is compared by. Pure.

A key is the SHA-256 of organization, subject and one spelling of who is meant. It is not keyed
with a secret: losing that would lift every suppression at once, without a sound, and contact
cannot be taken back. The organization is hashed along, so that lists cannot be compared. By what
else people are called, which is kept sealed, they are found by a keyed hash of the key.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from enum import StrEnum
from typing import assert_never

from linkedin_gateway.models.identifier import identifier_of


class Subject(StrEnum):
    """Whom a suppression covers."""

    PERSON = "person"
    EMAIL = "email"
    """One person, by the address of their e-mail."""
    EMAIL_DOMAIN = "email_domain"
    COMPANY = "company"


_LEGAL_FORMS = """
    ab ag aps as asa bhd bv bvba co company corp corporation cv ead eirl eood
    etablissements eurl gbr gesmbh gmbh inc incorporated kft kg kgaa kk lda limitada
    limited llc llp lp ltd ltda mbh nv nyrt ood oy oyj plc pllc pte pty pvt sa sab sagl
    sarl sas sca scrl se sl slu snc soc spa sprl spzoo srl srls sro ug unlimited vof zrt
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
_SPACED_FORMS = re.compile(r"\b(sp z o ?o|s a r l|s a s|s p a|s r l|s r o|g m b h|l l c|s a)$")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def key(organization_id: str, subject: Subject, spelling: str) -> str:
    """What is stored of who is meant."""
    return hashlib.sha256(f"{organization_id}\n{subject.value}\n{spelling}".encode()).hexdigest()


def keys_of(
    organization_id: str, *, person: str, email: str = "", company: str = ""
) -> tuple[str, ...]:
    """Every key by which a person may be suppressed; `person` is empty where nobody is named."""
    found = [key(organization_id, Subject.PERSON, person)] if person else []
    # Asked of every decision, and of most people neither is known.
    if email:
        address = email_spelling(email)
        if address:
            found.append(key(organization_id, Subject.EMAIL, address))
        domains = domains_of(email)
        found += [key(organization_id, Subject.EMAIL_DOMAIN, domain) for domain in domains]
    name = company_spelling(company) if company else ""
    if name:
        found.append(key(organization_id, Subject.COMPANY, name))
    return tuple(found)


def spelling_of(subject: Subject, label: str) -> str:
    """One spelling of who is meant; empty if that is nobody."""
    match subject:
        case Subject.PERSON:
            return identifier_of(label)
        case Subject.EMAIL:
            return email_spelling(label)
        case Subject.EMAIL_DOMAIN:
            return domain_spelling(label)
        case Subject.COMPANY:
            return company_spelling(label)
        case _:
            assert_never(subject)


def domain_spelling(text: str) -> str:
    """A domain, or the domain of an address, as DNS compares it; empty if it is none."""
    domain = text.strip().rpartition("@")[2].strip().strip(".").lower()
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return ""
    return domain if _DOMAIN.fullmatch(domain) else ""


def email_spelling(text: str) -> str:
    """An e-mail address in one spelling; empty if it is none."""
    local, at, domain = text.strip().rpartition("@")
    domain = domain_spelling(domain)
    if not (local and at and domain) or any(each.isspace() for each in local):
        return ""
    return f"{unicodedata.normalize('NFC', local).casefold()}@{domain}"


def domains_of(email: str) -> tuple[str, ...]:
    """The domain of an address and those above it: who suppresses one means what is below."""
    domain = domain_spelling(email) if "@" in email else ""
    labels = domain.split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels) - 1))


def company_spelling(name: str) -> str:
    """A company's name without case, accents, punctuation and legal form."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    folded = "".join(each for each in folded if not unicodedata.combining(each))
    folded = (
        folded.replace("&", " and ").replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    )
    spaced = " ".join(re.sub(r"[\W_]+", " ", folded).split())
    return " ".join(_without_legal_form(spaced).split()) or spaced


def _without_legal_form(name: str) -> str:
    while True:
        shorter = _SPACED_FORMS.sub("", name).strip()
        words = shorter.split()
        # `GmbH & Co. KG` is one form in three parts.
        while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] == "and"):
            words.pop()
        shorter = " ".join(words)
        if shorter == name:
            return name
        name = shorter


def masked(subject: Subject, label: str) -> str:
    """What people read in lists: enough to know an entry again, not to know the person."""
    match subject:
        case Subject.PERSON:
            return f"{label[:2]}…"
        case Subject.EMAIL:
            local, _, domain = label.rpartition("@")
            return f"{local[:2]}…@{domain}"
        case Subject.EMAIL_DOMAIN | Subject.COMPANY:
            return label
        case _:
            assert_never(subject)
