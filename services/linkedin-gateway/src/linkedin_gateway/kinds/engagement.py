"""Reactions and comments, which go to a post that is chosen for them first.

Two kinds in one file: they share the choice of the post and what it leaves, and the folder
keeps its last place for a kind of another sort.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from linkedin_gateway.errors import action_failed
from linkedin_gateway.kinds.action_kind import (
    Finding,
    Found,
    Inconclusive,
    Known,
    Missing,
    NotFoundMeans,
    Ports,
    Sending,
    Sent,
    Verification,
    Write,
)
from linkedin_gateway.kinds.limits import PerWindow, by_tier
from linkedin_gateway.kinds.posts import TO_COMMENT_ON, TO_REACT_TO, PostRule, choose
from linkedin_gateway.kinds.targets import NeedsLookup, Resolution, Resolved
from linkedin_gateway.models import Account, Action, Kind, Outcome, Profile, Target, text_hash

if TYPE_CHECKING:
    from linkedin_gateway.unipile import Unipile

REACTIONS = frozenset({"like", "celebrate", "support", "love", "insightful", "funny"})


def _resolve(known: Known) -> Resolution:
    return NeedsLookup() if known.prepared is None else Resolved(target=known.prepared)


async def _post_to_react_to(known: Known, ports: Ports) -> Target:
    return await _chosen(known, ports, TO_REACT_TO)


async def _post_to_comment_on(known: Known, ports: Ports) -> Target:
    return await _chosen(known, ports, TO_COMMENT_ON)


async def _chosen(known: Known, ports: Ports, rule: PostRule) -> Target:
    request, account = known.request, known.account
    provider_id, posts = await ports.reads.posts(account, request.person)
    used = await ports.used_posts(account.account_id, request.person_id, request.kind)
    post = choose(
        posts,
        rule,
        within=request.recent_within,
        used=used,
        wanted=request.post_id,
        now=known.now,
    )
    if isinstance(post, str):
        raise action_failed(post)
    return Target(provider_id=provider_id, post_id=post.post_id, post_ref=post.post_ref)


async def _react(sending: Sending, unipile: Unipile) -> Sent:
    account, post_id = sending.account.unipile_account_id, sending.action.target.post_id
    await unipile.posts.react(account, post_id, sending.request.reaction)
    return _sent(sending)


async def _comment(sending: Sending, unipile: Unipile) -> Sent:
    account, post_id = sending.account.unipile_account_id, sending.action.target.post_id
    await unipile.posts.comment(account, post_id, sending.request.text)
    return _sent(sending)


def _sent(sending: Sending) -> Sent:
    person_id, provider_id = sending.action.person_id, sending.action.target.provider_id
    return Sent(
        outcome=_outcome(sending.action),
        profile=Profile(person_id=person_id, provider_id=provider_id),
    )


async def _find_reaction(action: Action, account: Account, ports: Ports) -> Finding:
    post = await ports.unipile.posts.read(account.unipile_account_id, action.target.post_ref)
    return Found(outcome=_outcome(action)) if post.reacted else Missing()


async def _find_comment(action: Action, account: Account, ports: Ports) -> Finding:
    if not account.provider_id:
        # Whose comments are the account's own is not known.
        return Inconclusive()
    nobodys = False
    async for comment in ports.unipile.posts.comments(
        account.unipile_account_id, action.target.post_id
    ):
        if text_hash(comment.text) != action.text_hash:
            continue
        if comment.author_provider_id == account.provider_id:
            return Found(outcome=_outcome(action))
        nobodys = nobodys or not comment.author_provider_id
    # The very words of nobody may be ours: that they are is not known, nor that they are not.
    return Inconclusive() if nobodys else Missing()


def _outcome(action: Action) -> Outcome:
    return Outcome(provider_id=action.target.provider_id, post_id=action.target.post_id)


REACTION = Write(
    kind=Kind.REACTION,
    public=True,
    request_field="react_to_post",
    ceiling=100,
    caps=by_tier(PerWindow(hour=10, day=30, week=150)),
    budget=None,
    priority=2,
    reply_priority=2,
    cool_down=timedelta(hours=2),
    contacts=True,
    looks_for_reply=False,
    makes_message=False,
    longest_text=0,
    longest_subject=0,
    prepared_by=Kind.POST_LIST,
    resolve=_resolve,
    prepare=_post_to_react_to,
    send=_react,
    verification=Verification(look=_find_reaction, gone_is_inconclusive=True),
    absent=NotFoundMeans.POST,
)

COMMENT = Write(
    kind=Kind.COMMENT,
    public=True,
    request_field="comment_on_post",
    ceiling=30,
    caps=by_tier(PerWindow(hour=5, day=15, week=75)),
    budget=None,
    priority=2,
    reply_priority=2,
    cool_down=timedelta(hours=2),
    contacts=True,
    looks_for_reply=False,
    makes_message=False,
    longest_text=1250,
    longest_subject=0,
    prepared_by=Kind.POST_LIST,
    resolve=_resolve,
    prepare=_post_to_comment_on,
    send=_comment,
    verification=Verification(look=_find_comment, gone_is_inconclusive=True),
    absent=NotFoundMeans.POST,
)
