"""Which post of a person to react to or comment on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkedin_gateway.unipile import PostSeen


@dataclass(frozen=True, kw_only=True)
class PostRule:
    """Which posts will do for a kind of action."""

    fits: Callable[[PostSeen], bool]
    none_fits: str
    """The reason to fail with when there are posts and none of them fits."""


TO_REACT_TO = PostRule(
    fits=lambda post: post.takes_reactions and not post.reacted, none_fits="NO_POSTS"
)
TO_COMMENT_ON = PostRule(fits=lambda post: post.takes_comments, none_fits="COMMENTS_DISABLED")


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
    rule: PostRule,
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
    for post in candidates:
        if rule.fits(post):
            return post
    return rule.none_fits if candidates else "NO_POSTS"
