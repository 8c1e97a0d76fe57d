"""Invitations to connect: sending, listing, withdrawing, answering."""

from __future__ import annotations

from typing import Any

from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply, units
from unipile_simulator.api.profiles import resolve_provider_id
from unipile_simulator.clock import DAY, iso
from unipile_simulator.errors import Refusal, invalid
from unipile_simulator.journal import CallKind
from unipile_simulator.network.relationships import (
    ACCEPTED,
    IGNORED,
    PENDING,
    WITHDRAWN,
    Invitation,
    Relationship,
)
from unipile_simulator.people.people import Person

NOTE_LENGTH = 300
NOTE_LENGTH_FREE = 200
REINVITE_AFTER = 21 * DAY


def send_invitation(call: Call) -> Reply:
    """`POST /users/invite`; raises a `Refusal` as LinkedIn's rules say."""
    provider_id = call.text("provider_id", required=True)
    note = call.text("message")
    email = call.text("user_email")
    call.entry.text = note
    if note and units(note) > NOTE_LENGTH:
        raise Refusal("too_many_characters", f"The limit is {NOTE_LENGTH} characters.")
    person = resolve_provider_id(call, provider_id or "")
    tie = call.world.relationships.between(call.account, person, call.now)
    _check_person(call, person, tie, email)
    budgets = _check_account(call, note)
    invitation = call.world.relationships.invite(tie, note=note, now=call.now)
    call.world.behaviour.invited(tie, person, call.now)
    call.spend(*budgets)
    call.changes(invitation.id)
    sent: dict[str, Any] = {"object": "UserInvitationSent", "invitation_id": invitation.id}
    usage = call.world.budgets.usage(call.account, call.now)
    if usage is not None:
        sent["usage"] = usage
    return Reply(200, sent)


def list_sent(call: Call) -> Reply:
    """`GET /users/invite/sent`: pending only, newest first, ten to a page."""
    return _list(call, "SENT", "InvitationSent")


def list_received(call: Call) -> Reply:
    """`GET /users/invite/received`."""
    return _list(call, "RECEIVED", "InvitationReceived")


def withdraw(call: Call) -> Reply:
    """`DELETE /users/invite/sent/{invitation_id}`; raises a `Refusal` if it is not pending."""
    invitation_id = call.path["invitation_id"]
    call.entry.object_id = invitation_id
    tie = call.world.relationships.by_invitation(call.account.id, invitation_id)
    current = tie.invitation if tie else None
    if tie is None or current is None or current.id != invitation_id or not tie.pending:
        error = call.world.config.knobs.ended_invitation_error
        if error != "invalid_parameters":
            raise Refusal(error)
        raise Refusal(
            error,
            "errors.invalid_invitation_id.detail",
            title="errors.invalid_invitation_id.title",
        )
    person = call.world.people.known(tie.public_id)
    if person is not None:
        call.concerns(person)
    call.world.relationships.end_invitation(tie, WITHDRAWN, call.now)
    call.changes()
    return Reply(200, {"object": "InvitationCanceled"})


def answer_received(call: Call) -> Reply:
    """`POST /users/invite/received/{invitation_id}`."""
    action = call.text("action", required=True)
    secret = call.text("shared_secret", required=True)
    invitation_id = call.path["invitation_id"]
    tie = call.world.relationships.by_invitation(call.account.id, invitation_id)
    current = tie.invitation if tie else None
    if (
        tie is None
        or current is None
        or (current.id, current.type, current.status) != (invitation_id, "RECEIVED", PENDING)
        or current.shared_secret != secret
    ):
        raise invalid("invalid_invitation_id")
    person = call.world.people.known(tie.public_id)
    accepted = action == "accept"
    if not accepted:
        call.world.relationships.end_invitation(tie, IGNORED, call.now)
    if person is not None:
        call.concerns(person)
        if accepted:
            call.world.behaviour.accepted(call.account, person, tie, call.now)
    call.changes(invitation_id)
    word = "ACCEPTED" if accepted else "DECLINED"
    return Reply(200, {"object": "UserInvitationHandled", "status": word})


def _check_person(call: Call, person: Person, tie: Relationship, email: str | None) -> None:
    kind = person.kind
    if person.public_id == call.account.owner:
        raise Refusal("invalid_recipient", "One cannot invite oneself.")
    if kind.profile_error == "resource_not_found":
        raise Refusal("invalid_recipient")
    if kind.invitation_error:
        raise Refusal(kind.invitation_error)
    if tie.connected:
        raise Refusal("already_connected")
    if tie.invitation is not None and _too_soon(tie.invitation, call.now):
        raise Refusal("already_invited_recently")
    if kind.needs_email and not _is_their_email(person, email):
        raise Refusal("cannot_invite_attendee", "The recipient's email address is required.")


def _is_their_email(person: Person, email: str | None) -> bool:
    if email is None or person.email is None:
        return email is not None
    return email.casefold() == person.email.casefold()


def _too_soon(invitation: Invitation, now: float) -> bool:
    if invitation.status == PENDING:
        return True
    if invitation.type == "RECEIVED":
        return False
    if invitation.status == ACCEPTED or invitation.ended_at is None:
        return False
    return now - invitation.ended_at < REINVITE_AFTER


def _check_account(call: Call, note: str | None) -> list[Budget]:
    account, knobs = call.account, call.world.config.knobs
    budgets = [Budget.INVITATIONS]
    if note and account.tier == "free":
        if units(note) > NOTE_LENGTH_FREE:
            raise Refusal(knobs.free_note_length_error)
        budgets.append(Budget.NOTED_INVITATIONS)
    for budget in budgets:
        call.world.budgets.check(account, budget, call.now)
    return budgets


def _list(call: Call, kind: str, name: str) -> Reply:
    window = call.window(default=10, most=100)
    ties = call.world.relationships.pending(call.account, kind, call.now, call.shows)
    page = window.of(ties)
    items = [
        _item(call, tie, tie.invitation, name) for tie in page.items if tie.invitation is not None
    ]
    return Reply(200, {"object": "InvitationList", "items": items, "cursor": page.cursor})


def _item(call: Call, tie: Relationship, invitation: Invitation, name: str) -> dict[str, Any]:
    person = call.world.people.must(tie.public_id)
    provider_id = call.world.people.provider_id(person, call.account.id)
    words, age = _sent(call.now - invitation.sent_at)
    hidden = call.world.dice.chance(0.2, "hidden note", invitation.id)
    shown: dict[str, Any] = {
        "object": name,
        "id": invitation.id,
        "invited_user": person.name,
        "invited_user_id": provider_id,
        "invited_user_public_id": person.public_identifier,
        "invited_user_description": person.title,
        "date": words,
        "parsed_datetime": iso(call.now - age),
        "invitation_text": None if hidden else invitation.note,
        "specifics": {"provider": "LINKEDIN"},
    }
    if name == "InvitationReceived":
        owner = call.world.accounts.owner(call.account)
        shown |= {
            "specifics": {"provider": "LINKEDIN", "shared_secret": invitation.shared_secret},
            "invited_user": owner.name,
            "invited_user_id": call.world.accounts.owner_id(call.account),
            "invited_user_public_id": owner.public_identifier,
            "invited_user_description": owner.title,
            "inviter": {
                "inviter_name": person.name,
                "inviter_id": provider_id,
                "inviter_public_identifier": person.public_identifier,
                "inviter_description": person.title,
            },
        }
    return shown


def _sent(age: float) -> tuple[str, float]:
    days = int(age // DAY)
    if days == 0:
        return "Sent today", 0.0
    if days == 1:
        return "Sent yesterday", DAY
    for unit, name in ((30, "month"), (7, "week"), (1, "day")):
        count = days // unit
        if count:
            return f"Sent {count} {name}{'s' if count > 1 else ''} ago", count * unit * DAY
    raise AssertionError(age)


OPERATIONS = (
    Operation(
        method="POST",
        path="/users/invite",
        perform=send_invitation,
        summary="Invite somebody to connect",
        account="body",
        body="json",
        kind=CallKind.INVITE,
    ),
    Operation(
        method="GET",
        path="/users/invite/sent",
        perform=list_sent,
        summary="Pending invitations, newest first",
        account="query",
    ),
    Operation(
        method="DELETE",
        path="/users/invite/sent/{invitation_id}",
        perform=withdraw,
        summary="Withdraw an invitation",
        account="query",
        kind=CallKind.WITHDRAW,
    ),
    Operation(
        method="GET",
        path="/users/invite/received",
        perform=list_received,
        summary="Invitations that wait for the owner",
        account="query",
    ),
    Operation(
        method="POST",
        path="/users/invite/received/{invitation_id}",
        perform=answer_received,
        summary="Accept or decline an invitation",
        account="body",
        body="json",
    ),
)
