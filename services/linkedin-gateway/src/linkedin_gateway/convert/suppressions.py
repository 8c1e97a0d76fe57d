"""People who must not be contacted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from outreach.linkedin.v1 import suppression_pb2
from outreach.linkedin.v1 import suppression_service_pb2 as pb
from servicekit.errors import FieldViolation
from servicekit.tables import total

from linkedin_gateway.controls.reply_repository import RepliedLead
from linkedin_gateway.controls.suppression_csv import RowError
from linkedin_gateway.controls.suppressions import suppressed_people, suppression
from linkedin_gateway.convert.holds import wire_message
from linkedin_gateway.convert.values import (
    timestamp,
)
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.errors import InvalidFields
from linkedin_gateway.models import (
    AskedPerson,
    ListedSuppression,
    OnTheWire,
    SuppressedPerson,
    Suppression,
)
from linkedin_gateway.models.identifier import identifier_of
from linkedin_gateway.models.suppression_keys import Subject, keys_of, spelling_of
from linkedin_gateway.outbox.linkedin_events import Lead

_MOST_ROW_ERRORS = 1000
_FIELDS = total(
    Subject,
    {
        Subject.PERSON: "public_identifier",
        # A whole address in the domain's field means its owner.
        Subject.EMAIL: "email_domain",
        Subject.EMAIL_DOMAIN: "email_domain",
        Subject.COMPANY: "company",
    },
)
_SUBJECTS = {field: subject for subject, field in _FIELDS.items() if subject is not Subject.EMAIL}


def suppressions_of(request: pb.AddSuppressionsRequest, *, now: datetime) -> list[Suppression]:
    """People who must not be contacted.

    Raises `InvalidFields` for each that names nobody, or several.
    """
    wrong = Violations()
    found = [
        _suppression(each, f"suppressions[{number}]", wrong, now=now)
        for number, each in enumerate(request.suppressions)
    ]
    wrong.end()
    return found


def suppressed_people_of(request: pb.AddSuppressionsRequest) -> list[SuppressedPerson]:
    """The people among them."""
    return [
        found
        for each in request.suppressions
        for found in suppressed_people(
            each.organization_id, [(Subject.PERSON, each.public_identifier)]
        )
    ]


def _suppression(
    message: suppression_pb2.Suppression, field: str, wrong: Violations, *, now: datetime
) -> Suppression:
    subject, label = Subject.PERSON, message.public_identifier
    given = [name for name in _SUBJECTS if getattr(message, name).strip()]
    if len(given) == 1:
        subject, label = _SUBJECTS[given[0]], getattr(message, given[0]).strip()
        if subject is Subject.EMAIL_DOMAIN and "@" in label[1:]:
            # A whole address means its owner, not everybody who has one like it.
            subject = Subject.EMAIL
        if not spelling_of(subject, label):
            wrong.add(f"{field}.{given[0]}", f"{label!r} names nobody")
    else:
        told = f"exactly one of {', '.join(_SUBJECTS)} is required"
        wrong.add(f"{field}.public_identifier", told, "FIELD_REQUIRED")
    expires_at = _expiry(message, field, wrong, now=now)
    return suppression(
        message.organization_id,
        subject,
        label,
        reason=message.reason,
        expires_at=expires_at,
        now=now,
    )


def _expiry(
    message: suppression_pb2.Suppression | pb.ImportSuppressionsHeader,
    field: str,
    wrong: Violations,
    *,
    now: datetime,
) -> datetime | None:
    """Until when somebody is suppressed; None for ever."""
    if not message.HasField("expire_time"):
        return None
    expires_at: datetime = message.expire_time.ToDatetime(UTC)
    if expires_at <= now:
        wrong.add(f"{field}.expire_time", "must be later than now")
    return expires_at


def suppression_message(suppression: Suppression) -> suppression_pb2.Suppression:
    message = suppression_pb2.Suppression(
        suppression_id=suppression.suppression_id,
        organization_id=suppression.organization_id,
        reason=suppression.reason,
        expire_time=timestamp(suppression.expires_at),
        create_time=timestamp(suppression.created_at),
    )
    setattr(message, _FIELDS[Subject(suppression.subject)], suppression.label)
    return message


def listed_message(listed: ListedSuppression) -> suppression_pb2.Suppression:
    """A suppression with whom it covers."""
    message = suppression_message(listed.suppression)
    if listed.coverage is not None:
        name = f"SUPPRESSION_COVERAGE_{listed.coverage.name}"
        message.coverage = suppression_pb2.SuppressionCoverage.Value(name)
    return message


def person_asked(
    request: pb.CheckSuppressionRequest | pb.AllowContactRequest,
) -> AskedPerson:
    """Who is asked for, by an address or an e-mail address.

    Raises `InvalidFields` where neither is given, or one that names nobody.
    """
    wrong = Violations()
    if not request.address.strip() and not request.email.strip():
        wrong.add("address", "this or email is required", "FIELD_REQUIRED")
    identifier = identifier_of(request.address)
    if request.address.strip() and not identifier:
        wrong.add("address", "names nobody")
    if request.email.strip() and not spelling_of(Subject.EMAIL, request.email):
        wrong.add("email", "is no e-mail address")
    wrong.end()
    keys = keys_of(request.organization_id, person=identifier, email=request.email)
    return AskedPerson(identifier=identifier, keys=keys)


def people_asked(request: pb.FindSuppressedRequest) -> list[AskedPerson]:
    """By what each of these people may be suppressed.

    Whoever is called what nobody at LinkedIn can be is suppressed by their address or company
    alone: one such name on a list keeps no answer from the others.
    """
    asked = []
    for person in request.people:
        identifier = identifier_of(person.public_identifier)
        keys = keys_of(
            request.organization_id,
            person=identifier,
            email=person.email,
            company=person.company,
        )
        asked.append(AskedPerson(identifier=identifier, keys=keys))
    return asked


def list_header(
    request: pb.ImportSuppressionsRequest | None, *, now: datetime
) -> tuple[pb.ImportSuppressionsHeader, datetime | None]:
    """Whose list it is, and until when: the first message of an import.

    Raises `InvalidFields` if that is something else, and for people who would not be suppressed.
    """
    if request is None or not request.HasField("header"):
        wrong = FieldViolation("header", "must come first", "FIELD_REQUIRED")
        raise InvalidFields([wrong])
    violations = Violations()
    expires_at = _expiry(request.header, "header", violations, now=now)
    violations.end()
    return request.header, expires_at


def import_message(
    *, rows: int, added: int, row_errors: Sequence[RowError], on_the_wire: OnTheWire
) -> pb.ImportSuppressionsResponse:
    """What became of a list."""
    return pb.ImportSuppressionsResponse(
        rows=rows,
        added=added,
        rejected=len(row_errors),
        row_errors=[
            pb.SuppressionRowError(line=error.line, description=error.description)
            for error in row_errors[:_MOST_ROW_ERRORS]
        ],
        on_the_wire=wire_message(on_the_wire),
    )


def replied_leads(request: pb.RecordRepliesRequest) -> tuple[list[RepliedLead], datetime]:
    """Who is to be left in peace, and since when."""
    leads = [
        RepliedLead(
            lead=Lead(campaign_id=each.campaign_id, lead_id=each.lead_id),
            by_another=each.by_another,
        )
        for each in request.leads
    ]
    return leads, request.reply_time.ToDatetime(UTC)
