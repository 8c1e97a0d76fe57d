"""What is said and felt about posts."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from unipile_simulator.clock import WEEK, iso
from unipile_simulator.dice import Dice
from unipile_simulator.network.posts import Post, Posts, ago, coarse
from unipile_simulator.network.relationships import Shows, always
from unipile_simulator.store import Store

READ_NAMES = {
    "like": "LIKE",
    "celebrate": "PRAISE",
    "support": "APPRECIATION",
    "love": "EMPATHY",
    "insightful": "INTEREST",
    "funny": "ENTERTAINMENT",
}
_REMARKS = ("Well said.", "Congratulations!", "This matches our experience.", "Great read.")


@dataclass(kw_only=True)
class Comment:
    """A comment that came through the API."""

    id: str
    social_id: str
    account_id: str
    text: str
    at: float
    reply_to: str | None = None
    real_at: float = field(default_factory=time.time)


@dataclass(kw_only=True)
class Reaction:
    """What an account feels about a post or a comment: one reaction each."""

    social_id: str
    account_id: str
    kind: str
    at: float
    comment_id: str | None = None
    real_at: float = field(default_factory=time.time)


class Engagement:
    """Comments and reactions of accounts are kept; those of others follow from the seed."""

    def __init__(self, dice: Dice, posts: Posts, store: Store) -> None:
        self._dice = dice
        self._posts = posts
        self._store = store
        self._comments: dict[str, list[Comment]] = {}
        self._reactions: dict[str, dict[tuple[str, str | None], Reaction]] = {}
        self._comment_count = 0
        for kept in store.documents("comment"):
            self._index_comment(Comment(**kept))
            self._comment_count += 1
        for kept in store.documents("reaction"):
            self._index_reaction(Reaction(**kept))

    def comment(
        self, post: Post, *, account_id: str, text: str, reply_to: str | None, now: float
    ) -> Comment:
        """Add a comment; the same text twice is two comments."""
        self._comment_count += 1
        comment = Comment(
            id=self._dice.digits("comment", self._comment_count),
            social_id=post.social_id,
            account_id=account_id,
            text=text,
            at=now,
            reply_to=reply_to,
        )
        self._index_comment(comment)
        self._store.put("comment", comment.id, comment)
        return comment

    def react(
        self, post: Post, *, account_id: str, kind: str, comment_id: str | None, now: float
    ) -> bool:
        """Feel something; true if that is new."""
        known = self._reactions.get(post.social_id, {}).get((account_id, comment_id))
        if known is not None and known.kind == kind:
            return False
        reaction = Reaction(
            social_id=post.social_id,
            account_id=account_id,
            kind=kind,
            at=now,
            comment_id=comment_id,
        )
        self._index_reaction(reaction)
        key = f"{post.social_id}:{account_id}:{comment_id or ''}"
        self._store.put("reaction", key, reaction)
        return True

    def comments(self, post: Post) -> list[Comment]:
        """Comments of accounts, newest first."""
        return self._comments.get(post.social_id, [])[::-1]

    def reactions(self, post: Post, comment_id: str | None = None) -> list[Reaction]:
        """Reactions of accounts, newest first."""
        felt = self._reactions.get(post.social_id, {}).values()
        return [reaction for reaction in felt if reaction.comment_id == comment_id][::-1]

    def received(self, public_id: str, account_id: str) -> dict[str, list[dict[str, Any]]]:
        """What a person's posts got from an account."""
        comments = [
            {"at": iso(item.at), "post": item.social_id, "text": item.text}
            for items in self._comments.values()
            for item in items
            if item.account_id == account_id and self._author(item.social_id) == public_id
        ]
        reactions = [
            {"at": iso(item.at), "post": item.social_id, "type": item.kind}
            for items in self._reactions.values()
            for item in items.values()
            if item.account_id == account_id and self._author(item.social_id) == public_id
        ]
        return {"comments": comments, "reactions": reactions}

    def reaction(self, post: Post, account_id: str, shows: Shows = always) -> str | None:
        """What an account feels about a post, in the words of reading."""
        known = self._reactions.get(post.social_id, {}).get((account_id, None))
        if known is not None and shows(known.at, known.real_at):
            return READ_NAMES[known.kind]
        return "LIKE" if post.author.kind.already_reacted else None

    def others(self, post: Post) -> tuple[int, int]:
        """How many others reacted and commented."""
        keys = ("crowd", post.social_id)
        return self._dice.number(60, *keys, "reactions"), self._dice.number(5, *keys, "comments")

    def remark(self, post: Post, index: int) -> str:
        """What one of the others commented."""
        return self._dice.pick(_REMARKS, "remark", post.social_id, index)

    def json(
        self, post: Post, *, viewer: str, author_id: str, now: float, shows: Shows = always
    ) -> dict[str, Any]:
        """A `Post` object as an account sees it."""
        author, kind = post.author, post.author.kind
        reactions, comments = self.others(post)
        felt = self.reaction(post, viewer, shows)
        about = {
            "id": author_id,
            "public_identifier": author.public_identifier,
            "name": author.name,
            "is_company": False,
            "headline": author.title,
        }
        shown: dict[str, Any] = {
            "object": "Post",
            "provider": "LINKEDIN",
            "id": post.id,
            "social_id": post.social_id,
            "share_url": f"https://www.linkedin.com/posts/{author.public_identifier}_activity-{post.id}",
            "text": post.text(self._dice),
            "date": ago(now - post.at),
            "parsed_datetime": iso(now - coarse(now - post.at)),
            "reaction_counter": reactions + len(self.reactions(post)),
            "comment_counter": comments + len(self.comments(post)),
            "repost_counter": reactions // 9,
            "impressions_counter": 0,
            "author": about,
            "permissions": {
                "can_react": kind.reactions,
                "can_share": True,
                "can_post_comments": kind.comments,
            },
            "is_repost": post.is_repost,
            "mentions": [],
            "attachments": [],
        }
        if felt:
            shown["user_reacted"] = felt
        if post.is_repost:
            shown |= self._reposted(post, about, now)
        return shown

    def _reposted(self, post: Post, about: dict[str, Any], now: float) -> dict[str, Any]:
        number = self._dice.digits("original", post.social_id)
        source = {"id": None, "public_identifier": None, "name": "Somebody Else"}
        return {
            "repost_id": post.id,
            "reposted_by": about,
            "author": source | {"is_company": False},
            "repost_content": {
                "id": number,
                "date": ago(now - post.at + WEEK),
                "parsed_datetime": iso(post.at - WEEK),
                "author": source | {"is_company": False},
                "text": post.text(self._dice),
            },
        }

    def _author(self, social_id: str) -> str | None:
        post = self._posts.by_urn(social_id)
        return post.author.public_id if post else None

    def _index_comment(self, comment: Comment) -> None:
        self._comments.setdefault(comment.social_id, []).append(comment)
        self._comments[comment.social_id].sort(key=lambda kept: kept.at)

    def _index_reaction(self, reaction: Reaction) -> None:
        felt = self._reactions.setdefault(reaction.social_id, {})
        felt[reaction.account_id, reaction.comment_id] = reaction
