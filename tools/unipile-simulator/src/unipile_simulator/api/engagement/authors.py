"""Who comments on a post or reacts to it: accounts of ours, and members whom nobody knows."""

from __future__ import annotations

from unipile_simulator.api.calls import Call
from unipile_simulator.network.posts import Post
from unipile_simulator.people.names import FIRST_NAMES, LAST_NAMES


def owner_id(call: Call, account_id: str) -> str:
    """The owner's provider id, as the asking account sees it."""
    account = call.world.accounts.get(account_id)
    return call.world.people.provider_id(call.world.accounts.owner(account), call.account.id)


def somebody(call: Call, post: Post, what: str, index: int) -> tuple[str, str, str]:
    dice, keys = call.world.dice, (what, post.social_id, index)
    first, last = dice.pick(FIRST_NAMES, "by", *keys), dice.pick(LAST_NAMES, "of", *keys)
    slug = f"{first}-{last}-{dice.number(1 << 32, 'slug', *keys):08x}".lower()
    provider_id = f"ACoAA{dice.token('crowd', *keys)}{dice.token('crowd 2', *keys)}"[:39]
    return f"{first} {last}", provider_id, f"https://www.linkedin.com/in/{slug}"
