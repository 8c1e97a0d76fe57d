"""Profiles, relations, invitations and searches."""

from __future__ import annotations

from typing import Final

from unipile_simulator.schemas.parts import (
    ANYTHING,
    COUNT,
    FLAG,
    ID,
    INSTANT,
    TEXT,
    URL,
    Schema,
    either,
    many,
    nullable,
    one_of,
    record,
)

PROVIDER_ID: Final[Schema] = {"type": "string", "pattern": r"^(ACo|ADo|ACw|AE)[\w-]{16,}$"}
"""Of any product; the one asked for."""
CLASSIC_ID: Final[Schema] = {"type": "string", "pattern": r"^A[CD]o[\w-]{16,}$"}
DEGREE = one_of("FIRST_DEGREE", "SECOND_DEGREE", "THIRD_DEGREE", "OUT_OF_NETWORK")
"""On profiles and comments."""
DISTANCE = one_of("SELF", "DISTANCE_1", "DISTANCE_2", "DISTANCE_3", "OUT_OF_NETWORK")
"""In searches and chats."""
MEMBER_NUMBER: Final[Schema] = {"type": "string", "pattern": r"^\d+$"}
MEMBER_URN: Final[Schema] = {"type": "string", "pattern": r"^urn:li:member:\d+$"}
PROFILE_URN: Final[Schema] = {"type": "string", "pattern": r"^urn:li:fsd_profile:ACo[\w-]+$"}
_CONNECTION_URN: Schema = {"type": "string", "pattern": r"^urn:li:fsd_connection:ACo[\w-]+$"}
_DAY: Schema = {"type": "string", "pattern": r"^\d{1,2}/\d{1,2}/\d{4}$"}
_LINKEDIN = one_of("LINKEDIN")


def page(name: str, item: Schema, **more: Schema) -> Schema:
    """A list with a cursor."""
    return record({"object": one_of(name), "items": many(item), "cursor": nullable(TEXT)} | more)


_JOB = record(
    {"company": TEXT, "start": nullable(_DAY), "end": nullable(_DAY)},
    {
        "id": TEXT,
        "position": TEXT,
        "company_id": TEXT,
        "location": TEXT,
        "description": TEXT,
        "skills": many(TEXT),
        "current": FLAG,
        "status": TEXT,
    },
)
_EDUCATION = record({"school": TEXT, "start": _DAY, "end": _DAY}, {"id": TEXT, "degree": TEXT})
_SKILL = record(
    {
        "name": TEXT,
        "endorsement_count": COUNT,
        "endorsement_id": nullable(TEXT),
        "insights": many(TEXT),
        "endorsed": FLAG,
    }
)
_SECTIONS: dict[str, Schema] = {
    "work_experience": many(_JOB),
    "education": many(_EDUCATION),
    "skills": many(_SKILL),
    "languages": many(record({"name": TEXT}, {"proficiency": TEXT})),
    "certifications": many(record({"name": TEXT}, {"organization": TEXT})),
    "volunteering_experience": many(ANYTHING),
    "projects": many(ANYTHING),
}
PROFILE = record(
    {
        "object": one_of("UserProfile"),
        "provider": _LINKEDIN,
        "provider_id": PROVIDER_ID,
        "public_identifier": nullable(ID),
        "first_name": nullable(TEXT),
        "last_name": nullable(TEXT),
        "headline": TEXT,
        "websites": many(TEXT),
    },
    {
        "member_urn": MEMBER_NUMBER,
        "summary": TEXT,
        "location": TEXT,
        "primary_locale": record({"country": TEXT, "language": TEXT}),
        "public_profile_url": URL,
        "profile_picture_url": URL,
        "profile_picture_url_large": URL,
        "background_picture_url": URL,
        "birthdate": record({"month": COUNT, "day": COUNT}),
        "hashtags": many(TEXT),
        "contact_info": record(
            {},
            {
                "emails": many(TEXT),
                "phones": many(TEXT),
                "adresses": many(TEXT),
                "socials": many(record({"type": TEXT, "name": TEXT})),
            },
        ),
        "network_distance": DEGREE,
        "invitation": record(
            {
                "type": one_of("SENT", "RECEIVED"),
                "status": one_of("PENDING", "IGNORED", "WITHDRAWN"),
            }
        ),
        "connected_at": {"type": "integer"},
        **dict.fromkeys(
            (
                "is_relationship",
                "can_send_inmail",
                "is_open_profile",
                "is_premium",
                "is_influencer",
                "is_creator",
                "is_hiring",
                "is_open_to_work",
                "is_self",
                "is_saved_lead",
                "is_crm_imported",
                "is_verified",
            ),
            FLAG,
        ),
        "follower_count": COUNT,
        "connections_count": COUNT,
        "shared_connections_count": COUNT,
        **_SECTIONS,
        **{f"{name}_total_count": COUNT for name in _SECTIONS},
        "recommendations": record(
            {},
            {
                "received": many(ANYTHING),
                "received_total_count": COUNT,
                "given": many(ANYTHING),
                "given_total_count": COUNT,
            },
        ),
        "throttled_sections": many(TEXT),
    },
)
_SEAT = either(
    record({"owner_seat_id": TEXT, "contract_id": TEXT}),
    record({"error": one_of("MULTIPLE_SESSIONS", "DISCONNECTED")}),
)
OWNER = record(
    {
        "object": one_of("AccountOwnerProfile"),
        "provider": _LINKEDIN,
        "provider_id": CLASSIC_ID,
        "entity_urn": PROFILE_URN,
        "object_urn": MEMBER_URN,
        "first_name": TEXT,
        "last_name": TEXT,
        "profile_picture_url": nullable(URL),
        "email": TEXT,
        "premium": FLAG,
        "open_profile": FLAG,
        "organizations": many(ANYTHING),
        "recruiter": nullable(_SEAT),
        "sales_navigator": nullable(_SEAT),
    },
    {
        "public_profile_url": URL,
        "public_identifier": ID,
        "headline": TEXT,
        "location": TEXT,
        "occupation": TEXT,
    },
)
RELATIONS = page(
    "UserRelationsList",
    record(
        {
            "object": one_of("UserRelation"),
            "first_name": TEXT,
            "last_name": TEXT,
            "headline": TEXT,
            "public_identifier": ID,
            "public_profile_url": URL,
            "created_at": {"type": "integer"},
            "member_id": CLASSIC_ID,
            "member_urn": PROFILE_URN,
            "connection_urn": _CONNECTION_URN,
        },
        {"profile_picture_url": URL},
    ),
)
FOLLOWERS = page("UserFollowersList", ANYTHING)
FOLLOWING = page("UserFollowingList", ANYTHING)


_INVITER = record(
    {"inviter_name": TEXT, "inviter_id": CLASSIC_ID, "inviter_public_identifier": ID},
    {"inviter_description": nullable(TEXT)},
)


def _invitation(
    name: str, specifics: Schema, optional: dict[str, Schema] | None = None, **more: Schema
) -> Schema:
    return record(
        {
            "object": one_of(name),
            "id": {"type": "string", "pattern": r"^\d{19}$"},
            "invited_user": nullable(TEXT),
            "invited_user_id": nullable(CLASSIC_ID),
            "invited_user_public_id": nullable(ID),
            "invited_user_description": nullable(TEXT),
            "date": TEXT,
            "parsed_datetime": nullable(INSTANT),
            "invitation_text": nullable(TEXT),
            "specifics": specifics,
        }
        | more,
        optional,
    )


SENT_INVITATIONS = page(
    "InvitationList",
    _invitation(
        "InvitationSent",
        record({"provider": _LINKEDIN}, {"shared_secret": ID}),
        {"inviter": nullable(_INVITER)},
    ),
)
RECEIVED_INVITATIONS = page(
    "InvitationList",
    _invitation(
        "InvitationReceived",
        record({"provider": _LINKEDIN, "shared_secret": ID}),
        inviter=_INVITER,
    ),
)
INVITATION_SENT = record(
    {"object": one_of("UserInvitationSent"), "invitation_id": ID},
    {"usage": one_of(50, 75, 90, 95)},
)
INVITATION_CANCELED = record({"object": one_of("InvitationCanceled")})
INVITATION_HANDLED = record(
    {"object": one_of("UserInvitationHandled"), "status": one_of("ACCEPTED", "DECLINED")}
)
