"""People: whom a request means, and what was read of them."""

from __future__ import annotations

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2 as pb

from linkedin_gateway.convert.values import timestamp
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.models import Profile
from linkedin_gateway.models.identifier import identifier_of
from linkedin_gateway.unipile import PostSeen

_LONGEST_RECENT = timedelta(days=365)


def person(message: person_pb2.Person) -> str:
    """The person of a read."""
    wrong = Violations()
    found = person_named(message.public_identifier, wrong)
    wrong.end()
    return found


def person_named(public_identifier: str, wrong: Violations) -> str:
    wrong.require("person.public_identifier", public_identifier)
    if any(character in public_identifier for character in "/?# \t\n"):
        wrong.add("person.public_identifier", "is an identifier, not an address")
    identifier = identifier_of(public_identifier)
    if public_identifier and not identifier:
        wrong.add("person.public_identifier", "names nobody")
    return identifier


def recent_within(request: pb.ListPostsRequest) -> timedelta:
    """How old a post may be."""
    wrong = Violations()
    within = recent_span(
        request.recent_within,
        given=request.HasField("recent_within"),
        field="recent_within",
        wrong=wrong,
    )
    wrong.end()
    return within


def recent_span(duration: Duration, *, given: bool, field: str, wrong: Violations) -> timedelta:
    if not given:
        return timedelta(days=7)
    within = duration.ToTimedelta()
    if not timedelta(0) < within <= _LONGEST_RECENT:
        wrong.add(field, "must be more than nothing and at most a year")
    return within


def profile_message(profile: Profile, *, asked_for: str) -> person_pb2.Profile:
    return person_pb2.Profile(
        public_identifier=profile.public_identifier or asked_for,
        provider_id=profile.provider_id,
        first_name=profile.first_name,
        last_name=profile.last_name,
        headline=profile.headline,
        location=profile.location,
        connected=profile.connected,
        open_profile=profile.open_profile,
        read_time=timestamp(profile.read_at),
    )


def post_message(post: PostSeen) -> person_pb2.Post:
    return person_pb2.Post(
        post_id=post.post_id,
        text=post.text,
        publish_time=timestamp(post.published_at),
        takes_comments=post.takes_comments,
        takes_reactions=post.takes_reactions and not post.reacted,
    )
