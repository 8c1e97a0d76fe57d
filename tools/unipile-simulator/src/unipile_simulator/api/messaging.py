"""Writing: new chats, InMails, and messages in chats."""

from __future__ import annotations

from dataclasses import dataclass

from unipile_simulator.accounts.accounts import INMAIL_CREDITS
from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply, units
from unipile_simulator.api.profiles import read_product, resolve_provider_id
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.journal import CallKind
from unipile_simulator.network.chats import Chat
from unipile_simulator.network.relationships import PENDING
from unipile_simulator.people.ids import Product
from unipile_simulator.people.people import Person

MESSAGE_LENGTH = 8000
INMAIL_LENGTH = 1900
SUBJECT_LENGTH = 200
_SUBSCRIPTIONS = {
    Product.CLASSIC: "premium",
    Product.SALES_NAVIGATOR: "sales_navigator",
    Product.RECRUITER: "recruiter",
}
"""Whose credits an InMail of a product costs."""


def start_chat(call: Call) -> Reply:
    """`POST /chats`: multipart, bracketed LinkedIn options, `attendees_ids` repeated.

    Raises a `Refusal` as LinkedIn's rules say.
    """
    inmail = str(_option(call, "inmail")).lower() == "true"
    call.entry.kind = CallKind.INMAIL if inmail else CallKind.MESSAGE
    text = _text(call, INMAIL_LENGTH if inmail else MESSAGE_LENGTH)
    subject = call.text("subject") or call.text("title")
    if subject and len(subject) > SUBJECT_LENGTH:
        raise Refusal("too_many_characters", f"The subject's limit is {SUBJECT_LENGTH}.")
    product = read_product(_option(call, "api") or Product.CLASSIC, "/linkedin/api")
    ids = _attendees(call)
    if product is not Product.CLASSIC:
        call.account.demand_product(product)
    people = [resolve_provider_id(call, provider_id, product) for provider_id in ids]
    for person in people:
        _check_person(call, person)
    names = [person.public_id for person in people]
    chat = call.world.chats.between(call.account.id, *names, feature=product)
    if inmail and len(people) == 1 and not _connected(call, people[0]):
        return _send_inmail(call, people[0], chat, InMail(product, text, subject))
    call.entry.kind = CallKind.MESSAGE
    invited_by = _inviter(call)
    for person in people:
        if person.public_id == invited_by:
            continue
        if not _connected(call, person) and not (chat is not None and chat.answered):
            raise Refusal(call.world.config.knobs.not_connected_error)
    call.world.budgets.check(call.account, Budget.MESSAGES, call.now)
    if chat is None:
        chat = call.world.chats.open(call.account.id, names, feature=product)
    return _started(call, chat, _write(call, chat, people, text))


def send_message(call: Call) -> Reply:
    """`POST /chats/{chat_id}/messages`; raises a `Refusal` as LinkedIn's rules say."""
    chat = call.world.chats.find(call.path["chat_id"])
    if chat is None:
        raise not_found("Chat")
    call.act_as(chat.account_id, live=True)
    call.entry.object_id = chat.id
    text = _text(call, MESSAGE_LENGTH)
    people = [
        person
        for public_id in chat.public_ids
        if (person := call.world.people.known(public_id)) is not None
    ]
    for person in people:
        call.concerns(person)
        _check_person(call, person)
        if not _connected(call, person) and not chat.answered:
            raise Refusal(
                "cant_send_message" if chat.inmail else call.world.config.knobs.not_connected_error
            )
    call.world.budgets.check(call.account, Budget.MESSAGES, call.now)
    message_id = _write(call, chat, people, text)
    return Reply(201, {"object": "MessageSent", "message_id": message_id})


def inmail_balance(call: Call) -> Reply:
    """`GET /linkedin/inmail_balance`."""
    account = call.account
    account.renew_inmail(call.now)
    balance = {
        name: account.inmail_credits.get(name, 0) if name in account.subscriptions else None
        for name in INMAIL_CREDITS
    }
    return Reply(200, {"object": "LinkedinInmailBalance", **balance})


@dataclass(frozen=True, slots=True)
class InMail:
    """What is sent, and by which product."""

    product: Product
    text: str
    subject: str | None


def _send_inmail(call: Call, person: Person, chat: Chat | None, inmail: InMail) -> Reply:
    account, free = call.account, person.kind.open_profile
    subscription = _SUBSCRIPTIONS[inmail.product]
    if not account.subscriptions:
        raise Refusal("feature_not_subscribed", "InMail needs a premium subscription.")
    if not person.kind.takes_inmail:
        raise Refusal("not_allowed_inmail")
    if chat is not None and chat.inmail and not chat.answered:
        raise Refusal("cant_send_message", "The first InMail has not been answered yet.")
    account.renew_inmail(call.now)
    if not free:
        account.demand_product(subscription)
        if account.inmail_credits.get(subscription, 0) < 1:
            raise Refusal("insufficient_credits")
    call.world.budgets.check(account, Budget.INMAILS, call.now)
    if not free:
        account.inmail_credits[subscription] -= 1
        call.world.accounts.save(account)
    world = call.world
    chat = chat or world.chats.open(
        account.id,
        [person.public_id],
        feature=inmail.product,
        inmail=True,
        subject=inmail.subject,
    )
    message = world.chats.write(
        chat,
        sender=None,
        text=inmail.text,
        at=call.now,
        kind="INMAIL",
        subject=inmail.subject,
    )
    world.publisher.publish_message(account, chat, message)
    world.behaviour.messaged(account, person, message, chat)
    call.spend(Budget.INMAILS)
    call.changes(chat.id)
    return _started(call, chat, message.id)


def _write(call: Call, chat: Chat, people: list[Person], text: str) -> str:
    world = call.world
    message = world.chats.write(chat, sender=None, text=text, at=call.now)
    world.publisher.publish_message(call.account, chat, message)
    if len(people) == 1:
        world.behaviour.messaged(call.account, people[0], message, chat)
    call.spend(Budget.MESSAGES)
    call.changes(chat.id)
    return message.id


def _started(call: Call, chat: Chat, message_id: str) -> Reply:
    hidden = call.world.dice.chance(call.world.config.knobs.null_chat_id, "hidden", message_id)
    return Reply(
        201,
        {
            "object": "ChatStarted",
            "chat_id": None if hidden else chat.id,
            "message_id": None if hidden else message_id,
        },
    )


def _text(call: Call, longest: int) -> str:
    text = call.text("text")
    call.entry.text = text
    if text is None:
        if call.form is not None and any(
            call.form.getlist(name) for name in ("attachments", "voice_message", "video_message")
        ):
            return ""
        raise invalid("/text: Expected required property")
    if units(text) > longest:
        raise Refusal("too_many_characters", f"The limit is {longest} characters.")
    return text


def _inviter(call: Call) -> str | None:
    """Who has sent the invitation that the message replies to, if it waits for an answer."""
    invitation_id = _option(call, "invitation_id")
    if not invitation_id:
        return None
    tie = call.world.relationships.by_invitation(call.account.id, str(invitation_id))
    current = tie.invitation if tie is not None else None
    if tie is None or current is None or (current.type, current.status) != ("RECEIVED", PENDING):
        raise invalid("/linkedin/invitation_id: invalid_invitation_id")
    return tie.public_id


def _attendees(call: Call) -> list[str]:
    if call.form is not None:
        ids = [value for value in call.form.getlist("attendees_ids") if isinstance(value, str)]
    else:
        given = call.body.get("attendees_ids")
        ids = [value for value in given if isinstance(value, str)] if given else []
    ids = [value for value in ids if value]
    if not ids:
        raise invalid("/attendees_ids: Expected required property")
    return list(dict.fromkeys(ids))


def _option(call: Call, name: str) -> object:
    options = call.body.get("linkedin")
    if isinstance(options, dict):
        return options.get(name)
    return call.body.get(f"linkedin[{name}]")


def _check_person(call: Call, person: Person) -> None:
    if person.public_id == call.account.owner:
        raise Refusal("invalid_recipient", "One cannot write to oneself.")
    if person.kind.profile_error:
        raise Refusal("invalid_recipient")
    if person.kind.message_error:
        raise Refusal(person.kind.message_error)


def _connected(call: Call, person: Person) -> bool:
    return call.world.relationships.between(call.account, person, call.now).connected


OPERATIONS = (
    Operation(
        method="POST",
        path="/chats",
        perform=start_chat,
        summary="Start a chat, or write into the one there is; InMail with linkedin[inmail]=true",
        account="body",
        body="multipart",
        kind=CallKind.MESSAGE,
    ),
    Operation(
        method="POST",
        path="/chats/{chat_id}/messages",
        perform=send_message,
        summary="Write into a chat",
        body="multipart",
        kind=CallKind.MESSAGE,
    ),
    Operation(
        method="GET",
        path="/linkedin/inmail_balance",
        perform=inmail_balance,
        summary="InMail credits left",
        account="query",
    ),
)
