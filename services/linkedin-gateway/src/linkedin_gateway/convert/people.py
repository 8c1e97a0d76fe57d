"""People: whom a request means, and what was read of them."""

from __future__ import annotations

from datetime import timedelta

from outreach.linkedin.v1 import action_pb2, person_pb2
from outreach.linkedin.v1 import person_service_pb2 as pb

from linkedin_gateway.convert.values import timestamp
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.models import Profile, ProfileWords
from linkedin_gateway.models.identifier import identifier_of
from linkedin_gateway.people.known_people_repository import KnownPeople
from linkedin_gateway.unipile import PostSeen

_RECENT = timedelta(days=7)
_AsksForRecent = pb.ListPostsRequest | action_pb2.ReactToPost | action_pb2.CommentOnPost


def person(message: person_pb2.Person) -> str:
    """The person of a read."""
    wrong = Violations()
    found = person_named(message.public_identifier, wrong)
    wrong.end()
    return found


def person_named(public_identifier: str, wrong: Violations) -> str:
    identifier = identifier_of(public_identifier)
    if public_identifier and not identifier:
        wrong.add("person.public_identifier", "names nobody")
    return identifier


def identifiers_of(request: pb.FindPeopleRequest) -> list[str]:
    """Those who are named; whoever can be nobody is left out."""
    found = (identifier_of(each) for each in request.identifiers)
    return [*dict.fromkeys(each for each in found if each)]


def known_message(known: KnownPeople) -> pb.FindPeopleResponse:
    leads = [
        pb.PersonLead(campaign_id=lead.campaign_id, lead_id=lead.lead_id) for lead in known.leads
    ]
    return pb.FindPeopleResponse(identifiers=known.identifiers, leads=leads)


def recent_within(asked: _AsksForRecent) -> timedelta:
    """How old a post may be."""
    return asked.recent_within.ToTimedelta() if asked.HasField("recent_within") else _RECENT


def profile_message(profile: Profile, words: ProfileWords, *, asked_for: str) -> person_pb2.Profile:
    return person_pb2.Profile(
        public_identifier=profile.public_identifier or asked_for,
        provider_id=profile.provider_id,
        first_name=words.first_name,
        last_name=words.last_name,
        headline=words.headline,
        location=words.location,
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
