"""What the real thing has and this one has not: it says so, rather than that there is nothing."""

from __future__ import annotations

from typing import Final

UNSIMULATED: Final[dict[tuple[str, str], str]] = {
    ("PATCH", "/users/me/edit"): "editing the owner's profile",
    ("GET", "/users/{identifier}/comments"): "what somebody has commented",
    ("GET", "/users/{identifier}/reactions"): "what somebody has reacted to",
    ("POST", "/posts"): "publishing posts",
    ("GET", "/chats/{chat_id}/sync"): "synchronising one chat",
    ("POST", "/messages/{message_id}/forward"): "forwarding",
    ("GET", "/messages/{message_id}/attachments/{attachment_id}"): "attachments",
    ("GET", "/chat_attendees/{attendee_id}/picture"): "pictures as files",
    ("POST", "/linkedin"): "raw passthrough",
    ("POST", "/linkedin/user/{user_id}"): "Recruiter's actions with a person",
    ("GET", "/linkedin/search/parameters"): "ids for the filters of a search",
    ("GET", "/linkedin/company/{identifier}"): "company pages",
    ("POST", "/linkedin/profile/endorse"): "endorsements",
    ("*", "/linkedin/jobs"): "publishing jobs and their applicants",
    ("*", "/linkedin/jobs/{rest:path}"): "publishing jobs and their applicants",
    ("GET", "/linkedin/projects"): "Recruiter's hiring projects",
    ("GET", "/linkedin/projects/{project_id}"): "Recruiter's hiring projects",
    ("*", "/emails"): "mail",
    ("*", "/emails/{rest:path}"): "mail",
    ("*", "/drafts"): "mail",
    ("*", "/folders"): "mail",
    ("*", "/calendars"): "calendars",
    ("*", "/calendars/{rest:path}"): "calendars",
}
"""By method (`*` is any) and route; each is 501 `feature_not_implemented`, with these words."""
