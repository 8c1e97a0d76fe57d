"""What searches find."""

from __future__ import annotations

from unipile_simulator.schemas.parts import (
    COUNT,
    FLAG,
    ID,
    INSTANT,
    NUMBER,
    TEXT,
    URL,
    either,
    many,
    nullable,
    one_of,
    record,
)
from unipile_simulator.schemas.people import (
    DISTANCE,
    MEMBER_NUMBER,
    MEMBER_URN,
    PROVIDER_ID,
    page,
)
from unipile_simulator.schemas.posts import POST

_RESULT = one_of("SearchResult")
_PERSON = record(
    {
        "object": _RESULT,
        "type": one_of("PEOPLE"),
        "id": PROVIDER_ID,
        "public_identifier": nullable(ID),
        "public_profile_url": nullable(URL),
        "profile_url": nullable(URL),
        "profile_picture_url": nullable(URL),
        "profile_picture_url_large": nullable(URL),
        "member_urn": nullable(MEMBER_URN),
        "name": nullable(TEXT),
        "network_distance": DISTANCE,
        "location": nullable(TEXT),
        "industry": nullable(TEXT),
        "headline": TEXT,
    },
    {"first_name": TEXT, "last_name": TEXT, "pending_invitation": FLAG},
)
_COMPANY = record(
    {
        "object": _RESULT,
        "type": one_of("COMPANY"),
        "id": MEMBER_NUMBER,
        "name": TEXT,
        "location": nullable(TEXT),
        "profile_url": URL,
        "industry": TEXT,
        "summary": nullable(TEXT),
    },
    {
        "followers_count": COUNT,
        "job_offers_count": COUNT,
        "headcount": TEXT,
        "revenue_range": record({"min": NUMBER, "max": NUMBER, "currency": TEXT}),
    },
)
_JOB = record(
    {
        "object": _RESULT,
        "type": one_of("JOB"),
        "id": ID,
        "reference_id": TEXT,
        "title": TEXT,
        "location": nullable(TEXT),
        "posted_at": nullable(INSTANT),
        "reposted": FLAG,
        "url": URL,
        "promoted": FLAG,
        "benefits": many(TEXT),
        "easy_apply": FLAG,
        "company": nullable(
            record(
                {
                    "id": nullable(ID),
                    "public_identifier": nullable(ID),
                    "name": nullable(TEXT),
                    "profile_url": nullable(URL),
                    "profile_picture_url": nullable(URL),
                }
            )
        ),
    }
)
_POST = record(
    {name: POST["properties"][name] for name in POST["required"]}
    | {"object": _RESULT, "type": one_of("POST")},
    {name: it for name, it in POST["properties"].items() if name not in POST["required"]},
)
SEARCH = page(
    "LinkedinSearch",
    either(_PERSON, _COMPANY, _POST, _JOB),
    config=record(
        {
            "params": record(
                {
                    "api": one_of("classic", "sales_navigator", "recruiter"),
                    "category": one_of("people", "companies", "posts", "jobs"),
                    "keywords": TEXT,
                }
            )
        }
    ),
    paging=record({"start": COUNT, "page_count": COUNT, "total_count": COUNT}),
)
