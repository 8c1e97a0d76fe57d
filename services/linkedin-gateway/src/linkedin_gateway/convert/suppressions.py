"""People who must not be contacted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from outreach.linkedin.v1 import linkedin_service_pb2 as pb

from linkedin_gateway.controls.suppression_csv import RowError
from linkedin_gateway.controls.suppressions import suppression
from linkedin_gateway.convert.findings import Findings
from linkedin_gateway.convert.values import (
    timestamp,
)
from linkedin_gateway.models import Suppression
from linkedin_gateway.models.suppression_keys import Subject, spelling_of

_MOST_SUPPRESSIONS = 1000
_MOST_ROW_ERRORS = 1000
_SUBJECTS = {
    "public_identifier": Subject.PERSON,
    "email_domain": Subject.EMAIL_DOMAIN,
    "company": Subject.COMPANY,
}


def suppressions_of(request: pb.AddSuppressionsRequest, *, now: datetime) -> list[Suppression]:
    """People who must not be contacted."""
    wrong = Findings()
    if not request.suppressions:
        wrong.add("suppressions", "is required", "FIELD_REQUIRED")
    if len(request.suppressions) > _MOST_SUPPRESSIONS:
        wrong.add("suppressions", f"holds more than {_MOST_SUPPRESSIONS}")
    found = [
        _suppression(each, f"suppressions[{number}]", wrong, now=now)
        for number, each in enumerate(request.suppressions)
    ]
    wrong.end()
    return found


def _suppression(
    message: pb.Suppression, field: str, wrong: Findings, *, now: datetime
) -> Suppression:
    subject, label = Subject.PERSON, message.public_identifier
    given = [name for name in _SUBJECTS if getattr(message, name).strip()]
    if len(given) == 1:
        subject, label = _SUBJECTS[given[0]], getattr(message, given[0]).strip()
        if subject is Subject.EMAIL_DOMAIN and "@" in label[1:]:
            # A whole address means its owner, not everybody who has one like it.
            subject = Subject.EMAIL
        wrong.limit(f"{field}.{given[0]}", label, 500)
        if not spelling_of(subject, label):
            wrong.add(f"{field}.{given[0]}", f"{label!r} names nobody")
    else:
        told = f"exactly one of {', '.join(_SUBJECTS)} is required"
        wrong.add(f"{field}.public_identifier", told, "FIELD_REQUIRED")
    organization_id = wrong.require(f"{field}.organization_id", message.organization_id)
    reason = wrong.require(f"{field}.reason", message.reason, longest=1000)
    expires_at = message.expire_time.ToDatetime(UTC) if message.HasField("expire_time") else None
    return suppression(
        organization_id, subject, label, reason=reason, expires_at=expires_at, now=now
    )


def suppression_message(suppression: Suppression) -> pb.Suppression:
    message = pb.Suppression(
        suppression_id=suppression.suppression_id,
        organization_id=suppression.organization_id,
        reason=suppression.reason,
        expire_time=timestamp(suppression.expires_at),
        create_time=timestamp(suppression.created_at),
    )
    names = {subject: name for name, subject in _SUBJECTS.items()}
    names[Subject.EMAIL] = "email_domain"
    setattr(message, names[Subject(suppression.subject)], suppression.label)
    return message


def list_header(request: pb.ImportSuppressionsRequest | None) -> pb.ImportSuppressionsHeader:
    """Whose list it is: the first message of an import."""
    wrong = Findings()
    if request is None or not request.HasField("header"):
        wrong.add("header", "must come first", "FIELD_REQUIRED")
        wrong.end()
    header = request.header if request is not None else pb.ImportSuppressionsHeader()
    wrong.require("header.organization_id", header.organization_id)
    wrong.require("header.reason", header.reason, longest=1000)
    wrong.end()
    return header


def import_message(
    *, rows: int, added: int, row_errors: Sequence[RowError]
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
    )
