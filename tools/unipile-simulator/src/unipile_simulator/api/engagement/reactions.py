"""Reactions to a post or to a comment on it."""

from __future__ import annotations

from typing import Any

from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.engagement.authors import owner_id, somebody
from unipile_simulator.api.engagement.posts import found_post
from unipile_simulator.errors import Refusal, invalid
from unipile_simulator.journal import CallKind
from unipile_simulator.network.engagement import READ_NAMES
from unipile_simulator.network.posts import Post


def add_reaction(call: Call) -> Reply:
    """`POST /posts/reaction`, by `social_id`; raises a `Refusal` where none are allowed."""
    post_id = call.text("post_id", required=True) or ""
    kind = call.text("reaction_type") or "like"
    comment_id = call.text("comment_id")
    call.entry.text = kind
    if kind not in READ_NAMES:
        raise invalid("/reaction_type: Expected union value")
    post = found_post(call, post_id)
    if not post.author.kind.reactions:
        raise Refusal("invalid_post", "Reactions are not allowed on this post.")
    call.world.budgets.check(call.account, Budget.REACTIONS, call.now)
    changed = call.world.engagement.react(
        post, account_id=call.account.id, kind=kind, comment_id=comment_id, now=call.now
    )
    call.spend(Budget.REACTIONS)
    call.changes(changed=changed)
    return Reply(201, {"object": "ReactionAdded"})


def list_reactions(call: Call) -> Reply:
    """`GET /posts/{social_id}/reactions`; the cursor is inside `paging`."""
    window = call.window(default=100, most=100)
    post = found_post(call, call.path["post_id"])
    comment_id = call.query.get("comment_id")
    items = []
    for reaction in call.world.engagement.reactions(post, comment_id):
        account = call.world.accounts.find(reaction.account_id)
        if account is None or not call.shows(reaction.at, reaction.real_at):
            continue
        owner = call.world.accounts.owner(account)
        author = _author(owner.name, owner_id(call, account.id), owner.url)
        items.append(_reaction(post, READ_NAMES[reaction.kind], comment_id, author))
    if comment_id is None:
        count, _ = call.world.engagement.others(post)
        items += [_others_reaction(call, post, index) for index in range(count)]
    page = window.of(items)
    paging = {
        "cursor": page.cursor,
        "start": window.start,
        "page_count": len(page.items),
        "total_count": len(items),
    }
    return Reply(200, {"object": "PostReactionList", "items": page.items, "paging": paging})


def _others_reaction(call: Call, post: Post, index: int) -> dict[str, Any]:
    name, provider_id, url = somebody(call, post, "reaction", index)
    value = call.world.dice.pick(tuple(READ_NAMES.values()), "felt", post.social_id, index)
    return _reaction(post, value, None, _author(name, provider_id, url))


def _reaction(
    post: Post, value: str, comment_id: str | None, author: dict[str, Any]
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "object": "PostReaction",
        "value": value,
        "post_id": post.social_id,
        "author": author,
    }
    if comment_id is not None:
        shown["comment_id"] = comment_id
    return shown


def _author(name: str, provider_id: str, url: str) -> dict[str, Any]:
    return {
        "id": provider_id,
        "type": "INDIVIDUAL",
        "name": name,
        "headline": None,
        "profile_url": url,
    }


OPERATIONS = (
    Operation(
        method="POST",
        path="/posts/reaction",
        perform=add_reaction,
        summary="React to a post or comment",
        account="body",
        body="json",
        kind=CallKind.REACTION,
    ),
    Operation(
        method="GET",
        path="/posts/{post_id}/reactions",
        perform=list_reactions,
        summary="Reactions to a post",
        account="query",
    ),
)
