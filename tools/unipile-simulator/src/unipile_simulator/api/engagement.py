"""Posts, comments and reactions over the API."""

from __future__ import annotations

import re
from typing import Any

from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.profiles import resolve_provider_id
from unipile_simulator.clock import DAY, iso
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.journal import CallKind
from unipile_simulator.network.engagement import READ_NAMES, Comment
from unipile_simulator.network.posts import Post, ago
from unipile_simulator.people.names import FIRST_NAMES, LAST_NAMES

COMMENT_LENGTH = 1250
_MENTION = re.compile(r"\{\{(\d+)\}\}")


def list_posts(call: Call) -> Reply:
    """`GET /users/{identifier}/posts`; raises a `Refusal` of all but a provider id."""
    window = call.window(default=100, most=100)
    if call.flag("is_company"):
        return Reply(200, _post_list([], None))
    person = resolve_provider_id(call, call.path["identifier"])
    if person.kind.profile_error:
        raise Refusal("invalid_recipient")
    call.world.budgets.check(call.account, Budget.POSTS, call.now)
    call.spend(Budget.POSTS)
    page = window.of(call.world.posts.of(person, call.now))
    return Reply(200, _post_list([_shown(call, post) for post in page.items], page.cursor))


def get_post(call: Call) -> Reply:
    """`GET /posts/{post_id}`."""
    post = call.world.posts.by_id(call.path["post_id"], call.now)
    if post is None:
        raise not_found("Post")
    call.concerns(post.author)
    return Reply(200, _shown(call, post))


def list_comments(call: Call) -> Reply:
    """`GET /posts/{social_id}/comments`, newest first."""
    window = call.window(default=100, most=100)
    post = _post(call, call.path["post_id"])
    reply_to = call.query.get("comment_id")
    ours = [
        item
        for item in call.world.engagement.comments(post)
        if item.reply_to == reply_to and call.shows(item.at, item.real_at)
    ]
    items = [_comment(call, post, comment) for comment in ours]
    if reply_to is None:
        _, others = call.world.engagement.others(post)
        items += [_others_comment(call, post, index) for index in range(others)]
    page = window.of(items)
    paging = {"start": window.start, "page_count": len(page.items), "total_count": len(items)}
    return Reply(
        200,
        {
            "object": "CommentList",
            "items": page.items,
            "cursor": page.cursor,
            "total_items": len(items),
            "paging": paging,
        },
    )


def add_comment(call: Call) -> Reply:
    """`POST /posts/{social_id}/comments`; raises a `Refusal` as LinkedIn's rules say."""
    text = call.text("text", required=True) or ""
    reply_to = call.text("comment_id")
    call.entry.text = text
    if len(text) > COMMENT_LENGTH:
        raise Refusal("too_many_characters", f"The limit is {COMMENT_LENGTH} characters.")
    mentions = call.body.get("mentions") or []
    if any(int(number) >= len(mentions) for number in _MENTION.findall(text)):
        raise invalid("/mentions: Expected an entry for every mention in the text")
    post = _post(call, call.path["post_id"])
    if not post.author.kind.comments:
        raise Refusal("comments_disabled")
    call.world.budgets.check(call.account, Budget.COMMENTS, call.now)
    comment = call.world.engagement.comment(
        post, account_id=call.account.id, text=text, reply_to=reply_to, now=call.now
    )
    call.spend(Budget.COMMENTS)
    call.changes()
    return Reply(201, {"object": "CommentSent", "comment_id": comment.id})


def add_reaction(call: Call) -> Reply:
    """`POST /posts/reaction`, by `social_id`; raises a `Refusal` where none are allowed."""
    post_id = call.text("post_id", required=True) or ""
    kind = call.text("reaction_type") or "like"
    comment_id = call.text("comment_id")
    call.entry.text = kind
    if kind not in READ_NAMES:
        raise invalid("/reaction_type: Expected union value")
    post = _post(call, post_id)
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
    post = _post(call, call.path["post_id"])
    comment_id = call.query.get("comment_id")
    items = []
    for reaction in call.world.engagement.reactions(post, comment_id):
        account = call.world.accounts.find(reaction.account_id)
        if account is None or not call.shows(reaction.at, reaction.real_at):
            continue
        owner = call.world.accounts.owner(account)
        author = _author(owner.name, _account_id_of(call, account.id), owner.url)
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


def _post(call: Call, social_id: str) -> Post:
    call.entry.object_id = social_id
    post = call.world.posts.by_social_id(social_id, call.now)
    if post is None:
        raise not_found("Post")
    call.concerns(post.author)
    return post


def _shown(call: Call, post: Post) -> dict[str, Any]:
    author_id = call.world.people.provider_id(post.author, call.account.id)
    return call.world.engagement.json(
        post, viewer=call.account.id, author_id=author_id, now=call.now, shows=call.shows
    )


def _post_list(items: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    return {
        "object": "PostList",
        "items": items,
        "cursor": cursor,
        "paging": {"page_count": len(items)},
    }


def _account_id_of(call: Call, account_id: str) -> str:
    """The owner's provider id, as the asking account sees it."""
    account = call.world.accounts.get(account_id)
    return call.world.people.provider_id(call.world.accounts.owner(account), call.account.id)


def _comment(call: Call, post: Post, comment: Comment) -> dict[str, Any]:
    account = call.world.accounts.find(comment.account_id)
    owner = call.world.accounts.owner(account) if account else None
    replies = sum(1 for it in call.world.engagement.comments(post) if it.reply_to == comment.id)
    details: dict[str, Any] = {"is_company": False, "network_distance": "OUT_OF_NETWORK"}
    if account and owner:
        details["id"] = _account_id_of(call, account.id)
        details |= {"headline": owner.title, "profile_url": owner.url}
    return {
        "object": "Comment",
        "id": comment.id,
        "post_id": post.id,
        "post_urn": post.social_id,
        "author": owner.name if owner else None,
        "author_details": details,
        "date": iso(comment.at),
        "text": comment.text,
        "reaction_counter": 0,
        "reply_counter": replies,
    }


def _others_comment(call: Call, post: Post, index: int) -> dict[str, Any]:
    name, provider_id, url = _somebody(call, post, "comment", index)
    return {
        "object": "Comment",
        "id": call.world.dice.digits("others comment", post.social_id, index),
        "post_id": post.id,
        "post_urn": post.social_id,
        "author": name,
        "author_details": {
            "id": provider_id,
            "is_company": False,
            "headline": "Member",
            "profile_url": url,
            "network_distance": "THIRD_DEGREE",
        },
        "date": ago(max(0.0, call.now - post.at - DAY / 2)),
        "text": call.world.engagement.remark(post, index),
        "reaction_counter": 0,
        "reply_counter": 0,
    }


def _others_reaction(call: Call, post: Post, index: int) -> dict[str, Any]:
    name, provider_id, url = _somebody(call, post, "reaction", index)
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


def _somebody(call: Call, post: Post, what: str, index: int) -> tuple[str, str, str]:
    dice, keys = call.world.dice, (what, post.social_id, index)
    first, last = dice.pick(FIRST_NAMES, "by", *keys), dice.pick(LAST_NAMES, "of", *keys)
    slug = f"{first}-{last}-{dice.number(1 << 32, 'slug', *keys):08x}".lower()
    provider_id = f"ACoAA{dice.token('crowd', *keys)}{dice.token('crowd 2', *keys)}"[:39]
    return f"{first} {last}", provider_id, f"https://www.linkedin.com/in/{slug}"


OPERATIONS = (
    Operation(
        method="GET",
        path="/users/{identifier}/posts",
        perform=list_posts,
        summary="Somebody's posts, newest first",
        account="query",
    ),
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
        path="/posts/{post_id}",
        perform=get_post,
        summary="One post",
        account="query",
    ),
    Operation(
        method="GET",
        path="/posts/{post_id}/comments",
        perform=list_comments,
        summary="Comments of a post",
        account="query",
    ),
    Operation(
        method="POST",
        path="/posts/{post_id}/comments",
        perform=add_comment,
        summary="Comment a post",
        account="body",
        body="json",
        kind=CallKind.COMMENT,
    ),
    Operation(
        method="GET",
        path="/posts/{post_id}/reactions",
        perform=list_reactions,
        summary="Reactions to a post",
        account="query",
    ),
)
