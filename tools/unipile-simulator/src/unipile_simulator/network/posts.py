"""What people post."""

from __future__ import annotations

from dataclasses import dataclass

from unipile_simulator.clock import DAY, HOUR, MINUTE, WEEK
from unipile_simulator.dice import Dice
from unipile_simulator.people.people import People, Person

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


class Posts:
    """Posts follow from the seed and the time; none is kept.

    A post's numbers encode author and position, so that an id given out once can be read back
    for ever without having been kept.
    """

    def __init__(self, dice: Dice, people: People) -> None:
        self._dice = dice
        self._people = people
        self._salts = {
            name: dice.number(1 << _BITS, "salt", name) for name in ("id", "ugcPost", "share")
        }

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
        post = self._read(bare, "id") if bare.isdigit() else self.by_urn(text)
        return post if post is not None and post.at <= now else None

    def by_social_id(self, text: str, now: float) -> Post | None:
        """The post with this `social_id`; the bare number does for activity posts only."""
        urn = f"urn:li:activity:{text}" if text.isdigit() else text
        post = self.by_urn(urn)
        return post if post is not None and post.at <= now else None

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

    def by_urn(self, text: str) -> Post | None:
        """The post with this `social_id`, whether its time has come or not."""
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
