"""Comments on a post."""

from __future__ import annotations

import re
from typing import Any

from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply, units
from unipile_simulator.api.engagement.authors import owner_id, somebody
from unipile_simulator.api.engagement.posts import found_post
from unipile_simulator.clock import DAY, iso
from unipile_simulator.errors import Refusal, invalid
from unipile_simulator.journal import CallKind
from unipile_simulator.network.engagement import Comment
from unipile_simulator.network.posts import Post, ago

COMMENT_LENGTH = 1250
_MENTION = re.compile(r"\{\{(\d+)\}\}")


def list_comments(call: Call) -> Reply:
    """`GET /posts/{social_id}/comments`, newest first."""
    window = call.window(default=100, most=100)
    post = found_post(call, call.path["post_id"])
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
    items = [_told(call, item) for item in items]
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
    if units(text) > COMMENT_LENGTH:
        raise Refusal("too_many_characters", f"The limit is {COMMENT_LENGTH} characters.")
    mentions = call.body.get("mentions") or []
    if any(int(number) >= len(mentions) for number in _MENTION.findall(text)):
        raise invalid("/mentions: Expected an entry for every mention in the text")
    post = found_post(call, call.path["post_id"])
    if not post.author.kind.comments:
        raise Refusal("comments_disabled")
    call.world.budgets.check(call.account, Budget.COMMENTS, call.now)
    comment = call.world.engagement.comment(
        post, account_id=call.account.id, text=text, reply_to=reply_to, now=call.now
    )
    call.spend(Budget.COMMENTS)
    call.changes()
    return Reply(201, {"object": "CommentSent", "comment_id": comment.id})


def _told(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    """Only its text is certain to be told."""
    hidden = call.world.config.knobs.anonymous_comments
    if not call.world.dice.chance(hidden, "anonymous", item["id"]):
        return item
    return {name: value for name, value in item.items() if name != "author_details"} | {
        "author": None
    }


def _comment(call: Call, post: Post, comment: Comment) -> dict[str, Any]:
    account = call.world.accounts.find(comment.account_id)
    owner = call.world.accounts.owner(account) if account else None
    replies = sum(1 for it in call.world.engagement.comments(post) if it.reply_to == comment.id)
    details: dict[str, Any] = {"is_company": False, "network_distance": "OUT_OF_NETWORK"}
    if account and owner:
        details["id"] = owner_id(call, account.id)
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
    name, provider_id, url = somebody(call, post, "comment", index)
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


OPERATIONS = (
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
)
