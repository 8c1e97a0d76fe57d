"""What the world looks like from outside: accounts, people, and a page for people."""

from __future__ import annotations

import html
from typing import Any

from unipile_simulator.accounts.accounts import RESTRICTED, Account
from unipile_simulator.clock import iso
from unipile_simulator.network.relationships import PENDING, Relationship
from unipile_simulator.people.ids import Product
from unipile_simulator.people.people import Person
from unipile_simulator.webhooks.webhooks import Webhook
from unipile_simulator.world.world import World

Body = dict[str, Any]


def account_state(world: World, account: Account) -> Body:
    """An account, its limits and what is pending."""
    now = world.clock.now()
    ties = [tie for tie in world.relationships.of_account(account.id) if tie.invitation is not None]
    pending = sum(tie.pending for tie in ties)
    return {
        "id": account.id,
        "name": account.name,
        "tier": account.tier,
        "status": RESTRICTED if account.restricted else account.status,
        "provider_id": world.accounts.owner_id(account),
        "public_id": account.owner,
        "connections": account.connections,
        "inmail_credits": account.inmail_credits,
        "created_at": iso(account.created_at),
        "pending_invitations": pending,
        "chats": len(world.chats.of(account.id)),
        "events_held": len(account.held),
        "limits": world.budgets.state(account, now),
    }


def person_profile(person: Person) -> Body:
    """Who somebody is."""
    return {
        **vars(person),
        "public_identifier": person.public_identifier,
        "name": person.name,
        "headline": person.title,
    }


def person_state(world: World, person: Person) -> Body:
    """Who somebody is, what they received and what they are going to do."""
    ties = world.relationships.of_person(person.public_id)
    planned = world.scheduler.pending(person.public_id)
    return person_profile(person) | {
        "what": person.kind.what,
        "assigned_name": world.people.assigned_name(person),
        "ids": {
            account.id: {
                product: world.people.provider_id(person, account.id, product)
                for product in Product
            }
            for account in world.accounts
        },
        "relationships": [_tie_state(world, person, tie) for tie in ties],
        "planned": [
            {"at": iso(act.due_at), "act": act.name, "account_id": act.account_id, **act.data}
            for act in planned
        ],
    }


def _tie_state(world: World, person: Person, tie: Relationship) -> Body:
    invitation = tie.invitation
    chats = [
        chat
        for product in Product
        if (chat := world.chats.between(tie.account_id, person.public_id, feature=product))
    ]
    messages = [(chat, message) for chat in chats for message in chat.messages]
    messages.sort(key=lambda item: item[1].at)
    return {
        "account_id": tie.account_id,
        "provider_id": world.people.provider_id(person, tie.account_id),
        "connected_at": iso(tie.connected_at) if tie.connected_at is not None else None,
        "invitation": None
        if invitation is None
        else {
            **vars(invitation),
            "sent_at": iso(invitation.sent_at),
            "ended_at": iso(invitation.ended_at) if invitation.ended_at else None,
            "open": invitation.status == PENDING,
        },
        "invitations": tie.invitations,
        "visits": [iso(at) for at in tie.visits],
        "chat_id": chats[0].id if chats else None,
        "messages": [
            {
                "at": iso(message.at),
                "from": "person" if message.sender else "account",
                "type": message.type,
                "text": message.text,
                "inbox": chat.feature,
                "message_id": message.id,
                "arrived_at": iso(message.arrived_at),
            }
            for chat, message in messages
        ],
        **world.engagement.received(person.public_id, tie.account_id),
    }


def webhook_state(webhook: Webhook) -> Body:
    """A registration, as Unipile keeps it; the values of headers stay hidden."""
    return {
        **vars(webhook),
        "created_at": iso(webhook.created_at),
        "headers": [item["key"] for item in webhook.headers],
    }


def index_page(world: World) -> str:
    """Everything at a glance, in HTML."""
    rows = "".join(
        f"<tr><td><a href='/_simulator/accounts/{html.escape(account.id)}'>"
        f"{html.escape(account.name)}</a><td>{account.tier}<td>{account.status}"
        for account in world.accounts
    )
    last = "".join(
        f"<tr><td>{entry.seq}<td>{iso(entry.received_at)}<td>{entry.method}"
        f"<td>{html.escape(entry.path)}<td>{entry.status}<td>{entry.kind or ''}"
        f"<td>{html.escape(entry.target or '')}<td>{'changed' if entry.changed else ''}"
        for entry in world.journal.entries[-40:][::-1]
    )
    links = "".join(
        f"<li><a href='/_simulator/{name}'>{name}</a>"
        for name in (
            "journal",
            "audit",
            "accounts",
            "people",
            "webhooks",
            "faults",
            "temperaments",
            "health",
        )
    )
    return (
        "<!doctype html><meta charset='utf-8'><title>Unipile simulator</title>"
        "<style>body{font-family:sans-serif;margin:2em}td,th{padding:.1em .8em;text-align:left}"
        "</style><h1>Unipile simulator</h1>"
        f"<p>It is {iso(world.clock.now())} here; a second lasts 1/{world.clock.speed:g} s. "
        f"Seed {world.config.seed}, {len(world.people)} people, "
        f"{len(world.journal.entries)} journal entries.</p>"
        f"<ul>{links}<li><a href='/api-json'>api-json</a></ul>"
        f"<h2>Accounts</h2><table>{rows}</table><h2>Latest calls</h2><table>{last}</table>"
    )
