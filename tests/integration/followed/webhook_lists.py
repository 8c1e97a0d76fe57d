"""The dispatcher's lists that are followed."""

from collections.abc import Callable
from typing import Any

from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool
from webhook_dispatcher.listings import deliveries, endpoints, events, replays

from tests.fakes.sealing import SEAL
from tests.lists.following import FollowedList, Open, Read

_AT = "timestamptz '2026-03-02Z'"
_ENDPOINT = f"""
    INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types,
                           description, secret, created_at)
    VALUES (format('ep_{{of}}_%s', $1::int), '{{of}}', $1::int, 'https://hooks.example.com',
            '{{{{}}}}', {{word}}, '', {_AT})
    ON CONFLICT (endpoint_id) DO UPDATE SET description = excluded.description, deleted_at = NULL
"""
_EVENT = f"""
    INSERT INTO events (organization_id, event_id, type, payload, published_at, occurred_at,
                        subject)
    VALUES ('{{of}}', format('evt_%s', $1::int), 'lead.started', '', {_AT}, {_AT}, {{word}})
    ON CONFLICT (organization_id, event_id) DO UPDATE SET subject = excluded.subject
"""
_DELIVERY = f"""
    INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
                            attempts, created_at)
    VALUES (format('dlv_{{of}}_%s', $1::int), '{{of}}', 'evt_1', 'lead.started', 'ep_{{of}}_1',
            'pending', length({{word}}), {_AT})
    ON CONFLICT (delivery_id) DO UPDATE SET attempts = deliveries.attempts + 1
"""
_REPLAY = f"""
    INSERT INTO replays (replay_id, organization_id, request_id, endpoint_id, start_at, end_at,
                         event_types, campaign_ids, failed_only, max_per_minute, state, after_time,
                         after_id, created_at)
    VALUES (format('rpl_{{of}}_%s', $1::int), '{{of}}', $1::int, 'ep_{{of}}_1', {_AT}, {_AT},
            '{{{{}}}}', '{{{{}}}}', false, length({{word}}), 'running', {_AT}, '', {_AT})
    ON CONFLICT (replay_id) DO UPDATE SET max_per_minute = replays.max_per_minute + 1
"""
_FIRST = [
    _ENDPOINT.format(of=of, word="''").replace("$1::int", "1") for of in ("org_north", "org_south")
] + [_EVENT.format(of=of, word="''").replace("$1::int", "1") for of in ("org_north", "org_south")]


def _opened(make: Callable[[Pool, PageTokens], Any]) -> Open:
    def opened(pool: Pool, tokens: PageTokens) -> Read:
        pages = make(pool, tokens)
        return lambda asked: pages.page("org_north", asked)

    return opened


def _list(module: Any, listed: Any, make: Any, put: str, **more: Any) -> FollowedList:
    return FollowedList(
        schema="webhook",
        listed=listed,
        following=module.FOLLOWING,
        open=_opened(make),
        put=put.format(of="org_north", word="$2::text"),
        others=put.format(of="org_south", word="'theirs'"),
        **more,
    )


LISTS = {
    "ListEndpoints": _list(
        endpoints,
        endpoints.ENDPOINTS,
        endpoints.EndpointList,
        _ENDPOINT,
        key=lambda each: [each.id],
        takes=[
            (
                "UPDATE endpoints SET deleted_at = now()"
                " WHERE endpoint_id = format('ep_org_north_%s', $1::int)"
            )
        ],
    ),
    "ListEvents": _list(
        events,
        events.EVENTS,
        lambda pool, tokens: events.EventList(pool, tokens, SEAL),
        _EVENT,
        key=lambda each: [each.id],
    ),
    "ListDeliveries": _list(
        deliveries,
        deliveries.DELIVERIES,
        lambda pool, tokens: deliveries.DeliveryList(pool, tokens, SEAL),
        _DELIVERY,
        first=_FIRST,
        key=lambda each: [each.id],
    ),
    "ListReplays": _list(
        replays,
        replays.REPLAYS,
        replays.ReplayList,
        _REPLAY,
        first=_FIRST,
        key=lambda each: [each.id],
    ),
}
