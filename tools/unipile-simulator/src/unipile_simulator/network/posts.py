"""What people post, and what is said and felt about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unipile_simulator.clock import DAY, HOUR, MINUTE, WEEK, iso
from unipile_simulator.dice import Dice
from unipile_simulator.people.people import People, Person
from unipile_simulator.store import Store

READ_NAMES = {
    "like": "LIKE",
    "celebrate": "PRAISE",
    "support": "APPRECIATION",
    "love": "EMPATHY",
    "insightful": "INTEREST",
    "funny": "ENTERTAINMENT",
}
HISTORY = 20
"""So many of somebody's posts are listed."""
_URNS = {"activity": 60, "ugcPost": 25, "share": 15}
_BITS = 60
_BASE = 7_000_000_000_000_000_000
_ODD = 0x5DEECE66D1B54A3
_ODD_INVERSE = pow(_ODD, -1, 1 << _BITS)
_BIRTH = 1_420_070_400.0  # 2015: nobody posted before
_THOUGHTS = (
    "Three things our team learned while rebuilding the onboarding flow.",
    "Supplier lead times are finally coming down. What do you see?",
    "We are hiring two people who like hard problems.",
    "A short note on why we stopped counting meetings.",
    "Back from the trade fair with a full notebook.",
    "The best advice I got this year was to write the summary first.",
)
_REMARKS = ("Well said.", "Congratulations!", "This matches our experience.", "Great read.")


@dataclass(frozen=True, slots=True)
class Post:
    """One post; `number` counts the author's posts since for ever."""

    author: Person
    number: int
    at: float
    id: str
    social_id: str
    is_repost: bool

    def text(self, dice: Dice) -> str:
        """What it says."""
        return dice.pick(_THOUGHTS, "thought", self.author.public_id, self.number)


@dataclass(kw_only=True)
class Comment:
    """A comment that came through the API."""

    id: str
    social_id: str
    account_id: str
    text: str
    at: float
    reply_to: str | None = None


@dataclass(kw_only=True)
class Reaction:
    """What an account feels about a post or a comment: one reaction each."""

    social_id: str
    account_id: str
    kind: str
    at: float
    comment_id: str | None = None


class Posts:
    """Posts follow from the seed and the time; comments and reactions are kept.

    A post's numbers encode author and position, so that an id given out once can be read back
    for ever without having been kept.
    """

    def __init__(self, dice: Dice, people: People, store: Store) -> None:
        self._dice = dice
        self._people = people
        self._store = store
        self._salts = {
            name: dice.number(1 << _BITS, "salt", name) for name in ("id", "ugcPost", "share")
        }
        self._comments: dict[str, list[Comment]] = {}
        self._reactions: dict[str, dict[tuple[str, str | None], Reaction]] = {}
        self._comment_count = 0
        for kept in store.documents("comment"):
            self._index_comment(Comment(**kept))
            self._comment_count += 1
        for kept in store.documents("reaction"):
            self._index_reaction(Reaction(**kept))

    def of(self, person: Person, now: float) -> list[Post]:
        """A person's posts, newest first."""
        if person.kind.posts == "none":
            return []
        period, phase = self._rhythm(person)
        latest = int((now - _BIRTH - phase) // period)
        return [
            self._post(person, number, period=period, phase=phase)
            for number in range(latest, latest - HISTORY, -1)
        ]

    def by_id(self, text: str, now: float) -> Post | None:
        """The post with this `id`, `activity-N` or URN."""
        bare = text.removeprefix("activity-").removeprefix("urn:li:activity:")
        post = self._read(bare, "id") if bare.isdigit() else self._by_urn(text)
        return post if post is not None and post.at <= now else None

    def by_social_id(self, text: str, now: float) -> Post | None:
        """The post with this `social_id`; the bare number does for activity posts only."""
        urn = f"urn:li:activity:{text}" if text.isdigit() else text
        post = self._by_urn(urn)
        return post if post is not None and post.at <= now else None

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

    def _author(self, social_id: str) -> str | None:
        post = self._by_urn(social_id)
        return post.author.public_id if post else None

    def reaction(self, post: Post, account_id: str) -> str | None:
        """What an account feels about a post, in the words of reading."""
        known = self._reactions.get(post.social_id, {}).get((account_id, None))
        if known is not None:
            return READ_NAMES[known.kind]
        return "LIKE" if post.author.kind.already_reacted else None

    def crowd(self, post: Post) -> tuple[int, int]:
        """How many others reacted and commented."""
        keys = ("crowd", post.social_id)
        return self._dice.number(60, *keys, "reactions"), self._dice.number(5, *keys, "comments")

    def remark(self, post: Post, index: int) -> str:
        """What one of the others commented."""
        return self._dice.pick(_REMARKS, "remark", post.social_id, index)

    def json(self, post: Post, *, viewer: str, author_id: str, now: float) -> dict[str, Any]:
        """A `Post` object as an account sees it."""
        author, kind = post.author, post.author.kind
        reactions, comments = self.crowd(post)
        felt = self.reaction(post, viewer)
        about = {
            "id": author_id,
            "public_identifier": author.public_id,
            "name": author.name,
            "is_company": False,
            "headline": author.title,
        }
        shown: dict[str, Any] = {
            "object": "Post",
            "provider": "LINKEDIN",
            "id": post.id,
            "social_id": post.social_id,
            "share_url": f"https://www.linkedin.com/posts/{author.public_id}_activity-{post.id}",
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
            "author": source | {"is_company": False, "headline": None},
            "repost_content": {
                "id": number,
                "date": ago(now - post.at + WEEK),
                "parsed_datetime": iso(post.at - WEEK),
                "author": source | {"is_company": False},
                "text": post.text(self._dice),
            },
        }

    def _rhythm(self, person: Person) -> tuple[float, float]:
        period = self._dice.between(2 * DAY, 14 * DAY, "rhythm", person.public_id)
        return period, self._dice.between(0, period, "phase", person.public_id)

    def _post(self, author: Person, number: int, *, period: float, phase: float) -> Post:
        key = (author.member_id << 16) | (number & 0xFFFF)
        name = self._dice.weighted(_URNS, "post", author.public_id, number)
        post_id = self._number(key, "id")
        number_in_urn = post_id if name == "activity" else self._number(key, name)
        return Post(
            author=author,
            number=number,
            at=_BIRTH + phase + number * period,
            id=post_id,
            social_id=f"urn:li:{name}:{number_in_urn}",
            is_repost=author.kind.posts == "reposts"
            or self._dice.chance(0.1, "repost", author.public_id, number),
        )

    def _by_urn(self, text: str) -> Post | None:
        start, _, digits = text.rpartition(":")
        name = start.removeprefix("urn:li:")
        if not digits.isdigit() or name not in _URNS:
            return None
        post = self._read(digits, "id" if name == "activity" else name)
        return post if post is not None and post.social_id == text else None

    def _number(self, key: int, name: str) -> str:
        return str(_BASE + ((key ^ self._salts[name]) * _ODD) % (1 << _BITS))

    def _read(self, digits: str, name: str) -> Post | None:
        mixed = int(digits) - _BASE
        if not 0 <= mixed < 1 << _BITS:
            return None
        key = (mixed * _ODD_INVERSE) % (1 << _BITS) ^ self._salts[name]
        author = self._people.by_member_id(key >> 16)
        if author is None:
            return None
        period, phase = self._rhythm(author)
        return self._post(author, key & 0xFFFF, period=period, phase=phase)

    def _index_comment(self, comment: Comment) -> None:
        self._comments.setdefault(comment.social_id, []).append(comment)
        self._comments[comment.social_id].sort(key=lambda kept: kept.at)

    def _index_reaction(self, reaction: Reaction) -> None:
        felt = self._reactions.setdefault(reaction.social_id, {})
        felt[reaction.account_id, reaction.comment_id] = reaction


def coarse(age: float) -> float:
    """An age as exact as LinkedIn's relative words are."""
    for unit in (365 * DAY, 30 * DAY, WEEK, DAY, HOUR, MINUTE):
        if age >= unit:
            return age // unit * unit
    return 0.0


def ago(age: float) -> str:
    """LinkedIn's relative words: `2d`, `3w`."""
    words = ((365 * DAY, "yr"), (30 * DAY, "mo"), (WEEK, "w"), (DAY, "d"), (HOUR, "h"))
    for unit, letter in words:
        if age >= unit:
            return f"{int(age // unit)}{letter}"
    return f"{max(1, int(age // MINUTE))}m"
