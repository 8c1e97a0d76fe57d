"""Posts, reactions and comments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.models import Kind
from linkedin_gateway.unipile.transport import Transport
from linkedin_gateway.unipile.values import JSON, instant, items, part, path_part, text


@dataclass(frozen=True, kw_only=True)
class PostSeen:
    """A post as an account sees it."""

    post_id: str
    """Its `social_id`, by which it is acted upon."""
    post_ref: str
    """Its `id`, by which it is read."""
    text: str
    published_at: datetime | None
    repost: bool
    reacted: bool
    takes_reactions: bool
    takes_comments: bool


@dataclass(frozen=True, kw_only=True)
class CommentSeen:
    """A comment on a post."""

    author_provider_id: str
    text: str


class Posts:
    """Calls about posts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def of(self, account: str, provider_id: str) -> Sequence[PostSeen]:
        """The newest posts of a person, one page."""
        answer = await self._transport.get(
            "post_list",
            f"/users/{path_part(provider_id)}/posts",
            kind=Kind.POST_LIST,
            account_id=account,
            limit="20",
        )
        return [_post(item) for item in items(answer)]

    async def read(self, account: str, post_ref: str) -> PostSeen:
        """One post."""
        path = f"/posts/{path_part(post_ref)}"
        return _post(await self._transport.get("post", path, account_id=account))

    async def react(self, account: str, post_id: str, reaction: str) -> None:
        """React to a post."""
        body = {"account_id": account, "post_id": post_id, "reaction_type": reaction or "like"}
        await self._transport.call(
            "react", "POST", "/posts/reaction", kind=Kind.REACTION, json=body
        )

    async def comment(self, account: str, post_id: str, words: str) -> None:
        """Comment on a post."""
        body = {"account_id": account, "text": words}
        path = f"/posts/{path_part(post_id)}/comments"
        await self._transport.call("comment", "POST", path, kind=Kind.COMMENT, json=body)

    async def comments(self, account: str, post_id: str) -> AsyncIterator[CommentSeen]:
        """Comments on a post, to the last page."""
        path = f"/posts/{path_part(post_id)}/comments"
        async for item in self._transport.pages("comment_list", path, account_id=account):
            details = part(item, "author_details")
            yield CommentSeen(author_provider_id=text(details, "id"), text=text(item, "text"))


def _post(answer: JSON) -> PostSeen:
    permissions = part(answer, "permissions")
    return PostSeen(
        post_id=text(answer, "social_id") or text(answer, "id"),
        post_ref=text(answer, "id"),
        text=text(answer, "text"),
        published_at=instant(answer.get("parsed_datetime")),
        repost=answer.get("is_repost") is True,
        reacted=bool(answer.get("user_reacted")),
        takes_reactions=permissions.get("can_react") is not False,
        takes_comments=permissions.get("can_post_comments") is not False,
    )
