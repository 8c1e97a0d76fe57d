"""Which post of a person to react to or comment on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from linkedin_gateway.models import Kind
from linkedin_gateway.unipile import PostSeen


def recent(posts: Sequence[PostSeen], *, within: timedelta, now: datetime) -> list[PostSeen]:
    """A person's own posts of late, newest first.

    A post without a readable date counts as recent only if it comes before an older one:
    lists are newest first.
    """
    found: list[PostSeen] = []
    for post in posts:
        if post.published_at is not None and post.published_at < now - within:
            break
        if not post.repost:
            found.append(post)
    oldest = now - within
    return sorted(found, key=lambda post: post.published_at or oldest, reverse=True)


def choose(
    posts: Sequence[PostSeen],
    kind: Kind,
    *,
    within: timedelta,
    used: Collection[str],
    wanted: str,
    now: datetime,
) -> PostSeen | str:
    """The post to act upon, or the reason why there is none.

    With `wanted` only that post will do; otherwise it is the newest that fits.
    """
    if wanted:
        candidates = [post for post in posts if wanted in {post.post_id, post.post_ref}]
    else:
        candidates = recent(posts, within=within, now=now)
    candidates = [post for post in candidates if post.post_id not in used]
    if kind is Kind.REACTION:
        fitting = [post for post in candidates if post.takes_reactions and not post.reacted]
    else:
        fitting = [post for post in candidates if post.takes_comments]
    if fitting:
        return fitting[0]
    if kind is Kind.COMMENT and candidates:
        return "COMMENTS_DISABLED"
    return "NO_POSTS"
