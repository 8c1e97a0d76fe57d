"""Which post to react to or comment on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from linkedin_gateway.kinds.posts import TO_COMMENT_ON, TO_REACT_TO, PostRule, choose, recent
from linkedin_gateway.unipile import PostSeen

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def post(name: str, *, days: float = 1, **changes: Any) -> PostSeen:
    fields: dict[str, Any] = {
        "post_id": f"urn:li:activity:{name}",
        "post_ref": name,
        "text": name,
        "published_at": NOW - timedelta(days=days),
        "repost": False,
        "reacted": False,
        "takes_reactions": True,
        "takes_comments": True,
        **changes,
    }
    return PostSeen(**fields)


def chosen(posts: list[PostSeen], rule: PostRule = TO_REACT_TO, **changes: Any) -> str:
    found = choose(
        posts,
        rule,
        within=changes.get("within", WEEK),
        used=changes.get("used", ()),
        wanted=changes.get("wanted", ""),
        now=NOW,
    )
    return found if isinstance(found, str) else found.post_ref


def test_newest_that_fits() -> None:
    """The newest of their own posts is taken, whatever order the list has."""
    assert chosen([post("a", days=3), post("b", days=1), post("c", days=2)]) == "b"


def test_reposts_are_not_theirs() -> None:
    """What somebody else wrote is passed over."""
    assert chosen([post("a", repost=True), post("b", days=2)]) == "b"


def test_old_posts_do_not_count() -> None:
    """What is older than asked for is as good as none."""
    assert chosen([post("a", days=8)]) == "NO_POSTS"
    assert chosen([post("a", days=8)], within=timedelta(days=9)) == "a"


def test_each_post_once() -> None:
    """A post already reacted to, by us or by hand, is passed over."""
    posts = [post("a", reacted=True), post("b", days=2), post("c", days=3)]

    assert chosen(posts, used={"urn:li:activity:b"}) == "c"


def test_comments_disabled_is_told_apart() -> None:
    """Posts that take no comments are another reason than no posts."""
    posts = [post("a", takes_comments=False)]

    assert chosen(posts, TO_COMMENT_ON) == "COMMENTS_DISABLED"
    assert chosen([], TO_COMMENT_ON) == "NO_POSTS"


def test_the_post_that_was_named() -> None:
    """A text written for one post goes to that post or nowhere, also when it is old by now."""
    posts = [post("a"), post("b", days=30)]

    assert chosen(posts, TO_COMMENT_ON, wanted="urn:li:activity:b") == "b"
    assert chosen(posts, TO_COMMENT_ON, wanted="urn:li:activity:z") == "NO_POSTS"


def test_no_date_counts_as_recent() -> None:
    """A post whose date cannot be read stands before an older one in the list."""
    posts = [post("a", published_at=None), post("b", days=20), post("c", published_at=None)]

    assert [each.post_ref for each in recent(posts, within=WEEK, now=NOW)] == ["a"]
