"""Somebody's posts, and the one that a call is about."""

from __future__ import annotations

from typing import Any

from unipile_simulator.accounts.limits import Budget
from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.api.profiles import resolve_provider_id
from unipile_simulator.errors import Refusal, not_found
from unipile_simulator.network.posts import Post


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
    return Reply(200, _post_list([shown_post(call, post) for post in page.items], page.cursor))


def get_post(call: Call) -> Reply:
    """`GET /posts/{post_id}`."""
    post = call.world.posts.by_id(call.path["post_id"], call.now)
    if post is None:
        raise not_found("Post")
    call.concerns(post.author)
    return Reply(200, shown_post(call, post))


def found_post(call: Call, social_id: str) -> Post:
    """The post that a call is about, by its social id."""
    call.entry.object_id = social_id
    post = call.world.posts.by_social_id(social_id, call.now)
    if post is None:
        raise not_found("Post")
    call.concerns(post.author)
    return post


def shown_post(call: Call, post: Post) -> dict[str, Any]:
    """A post as the account that calls sees it."""
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


OPERATIONS = (
    Operation(
        method="GET",
        path="/users/{identifier}/posts",
        perform=list_posts,
        summary="Somebody's posts, newest first",
        account="query",
    ),
    Operation(
        method="GET",
        path="/posts/{post_id}",
        perform=get_post,
        summary="One post",
        account="query",
    ),
)
