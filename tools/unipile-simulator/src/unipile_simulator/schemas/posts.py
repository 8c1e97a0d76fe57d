"""Posts, and what is said and felt about them."""

from __future__ import annotations

from unipile_simulator.schemas.parts import (
    ANYTHING,
    COUNT,
    FLAG,
    ID,
    INSTANT,
    NUMBER,
    TEXT,
    URL,
    many,
    nullable,
    one_of,
    record,
)
from unipile_simulator.schemas.people import CLASSIC_ID, DEGREE, MEMBER_NUMBER, page

_REACTION = one_of("LIKE", "PRAISE", "APPRECIATION", "EMPATHY", "INTEREST", "ENTERTAINMENT")
_AUTHOR = record(
    {
        "id": nullable(CLASSIC_ID),
        "public_identifier": nullable(ID),
        "name": nullable(TEXT),
        "is_company": FLAG,
    },
    {"headline": TEXT},
)
POST = record(
    {
        "object": one_of("Post"),
        "provider": one_of("LINKEDIN"),
        "id": MEMBER_NUMBER,
        "social_id": {"type": "string", "pattern": r"^urn:li:(activity|ugcPost|share):\d+$"},
        "share_url": URL,
        "text": TEXT,
        "date": TEXT,
        "parsed_datetime": INSTANT,
        "reaction_counter": COUNT,
        "comment_counter": COUNT,
        "repost_counter": COUNT,
        "impressions_counter": COUNT,
        "author": _AUTHOR,
        "permissions": record({"can_react": FLAG, "can_share": FLAG, "can_post_comments": FLAG}),
        "is_repost": FLAG,
        "mentions": many(ANYTHING),
        "attachments": many(ANYTHING),
    },
    {
        "user_reacted": _REACTION,
        "title": TEXT,
        "written_by": record({"id": TEXT, "public_identifier": TEXT, "name": TEXT}),
        "poll": record(
            {"id": ID, "total_votes_count": COUNT, "question": TEXT, "is_open": FLAG},
            {"options": many(record({"id": ID, "text": TEXT, "win": FLAG, "votes_count": COUNT}))},
        ),
        "group": record({"id": TEXT, "name": TEXT, "private": FLAG}),
        "analytics": record({"impressions": NUMBER, "engagements": NUMBER}),
        "repost_id": TEXT,
        "reposted_by": _AUTHOR,
        "repost_content": record(
            {"id": TEXT, "date": TEXT, "parsed_datetime": INSTANT, "author": _AUTHOR, "text": TEXT}
        ),
    },
)
POSTS = page("PostList", POST, paging=record({"page_count": COUNT}))
COMMENTS = page(
    "CommentList",
    record(
        {
            "object": one_of("Comment"),
            "id": ID,
            "post_id": TEXT,
            "post_urn": TEXT,
            "author": nullable(TEXT),
            "date": TEXT,
            "text": TEXT,
            "reaction_counter": COUNT,
            "reply_counter": COUNT,
        },
        {
            "author_details": record(
                {"network_distance": DEGREE, "is_company": FLAG},
                {"id": CLASSIC_ID, "headline": TEXT, "profile_url": URL},
            ),
        },
    ),
    total_items=nullable(COUNT),
    paging=record({"start": nullable(COUNT), "page_count": COUNT, "total_count": nullable(COUNT)}),
)
COMMENT_SENT = record({"object": one_of("CommentSent")}, {"comment_id": ID})
REACTION_ADDED = record({"object": one_of("ReactionAdded")})
REACTIONS = record(
    {
        "object": one_of("PostReactionList"),
        "items": many(
            record(
                {
                    "object": one_of("PostReaction"),
                    "value": _REACTION,
                    "post_id": TEXT,
                    "author": record(
                        {
                            "id": CLASSIC_ID,
                            "type": one_of("INDIVIDUAL", "COMPANY"),
                            "name": nullable(TEXT),
                            "headline": nullable(TEXT),
                            "profile_url": nullable(URL),
                        }
                    ),
                },
                {"comment_id": ID},
            )
        ),
        "paging": record(
            {
                "cursor": nullable(TEXT),
                "start": COUNT,
                "page_count": COUNT,
                "total_count": COUNT,
            }
        ),
    }
)
