"""The tables whose rows are values of `models`: each column is said here, once.

Who adds a column to `actions` writes a migration (for `archived_actions` and `every_action` too),
a field of `Action` and a line here; what is forgotten fails the import or a test.
"""

from __future__ import annotations

from operator import attrgetter

from servicekit.postgres.columns import Row, Table, column

from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionState,
    Effect,
    Kind,
    OnTheWire,
    Profile,
    Tier,
)
from linkedin_gateway.storage.column_values import (
    asked_hours_of,
    asked_hours_text,
    caps_of,
    caps_text,
    hours_of,
    hours_text,
    json_of,
    outcome_of,
    target_of,
)

ACTIONS: Table[Action] = Table(
    Action,
    column("action_id", insert_only=True),
    column("organization_id", insert_only=True),
    column("account_id", insert_only=True),
    column("campaign_id", insert_only=True),
    column("lead_id", insert_only=True),
    column("identifier", insert_only=True),
    column("person_id", insert_only=True),
    column("kind", write=attrgetter("kind.value"), read=Kind, insert_only=True),
    column("noted", "boolean"),
    column("text_hash"),
    column("state", write=attrgetter("state.value"), read=ActionState),
    column("reason"),
    column(
        "effect",
        write=lambda action: action.effect.value if action.effect else None,
        read=lambda kept: Effect(kept) if kept else None,
    ),
    column("message"),
    column("attempt", "integer"),
    column("priority", "smallint", insert_only=True),
    column("virtual_finish", "double precision", insert_only=True),
    column("created_at", "timestamptz", insert_only=True),
    column("turn_at", "timestamptz"),
    column("sent_at", "timestamptz"),
    column("finished_at", "timestamptz"),
    column("lease_until", "timestamptz"),
    column("verify_at", "timestamptz"),
    column("verifications", "integer"),
    column(
        "earlier_ids",
        write=lambda action: " ".join(action.earlier_ids),
        read=lambda kept: tuple(kept.split()),
    ),
    # Copies of what the target holds, to be looked up by.
    column("provider_id", write=attrgetter("target.provider_id"), fields=()),
    column("post_id", write=attrgetter("target.post_id"), fields=()),
    column(
        "target",
        "jsonb",
        write=lambda action: json_of(action.target) if action.attempt else None,
        read=target_of,
    ),
    column("outcome", "jsonb", write=lambda action: json_of(action.outcome), read=outcome_of),
    column(
        "hours",
        write=lambda action: asked_hours_text(
            action.sending_window, action.person_time_zone, action.automatic_reply_wait
        ),
        read=asked_hours_of,
        fields=("sending_window", "person_time_zone", "automatic_reply_wait"),
    ),
    column("caller", insert_only=True),
    column(
        "caps",
        write=lambda action: "; ".join(action.caps),
        read=lambda kept: tuple(kept.split("; ")) if kept else (),
    ),
    column("needs_lookup", "boolean"),
)

ACCOUNTS: Table[Account] = Table(
    Account,
    column("account_id", insert_only=True),
    column("organization_id", insert_only=True),
    column("unipile_account_id", insert_only=True),
    column("name"),
    column("tier", write=attrgetter("tier.value"), read=Tier),
    column("provider_id"),
    column("state", write=attrgetter("state.value"), read=AccountState),
    column("state_reason"),
    column("state_at", "timestamptz"),
    column("working_hours", write=lambda account: hours_text(account.working_hours), read=hours_of),
    column("caps", write=lambda account: caps_text(account.caps), read=caps_of),
    column("created_at", "timestamptz", insert_only=True),
    column("since", "timestamptz"),
    column("restored_at", "timestamptz"),
    column("resumed_at", "timestamptz"),
    column("multiplier", "double precision"),
    column("connections", "integer"),
    column("updated_at", "timestamptz", insert_only=True),
    column("created_by", insert_only=True),
    column("updated_by", insert_only=True),
)

PROFILES: Table[Profile] = Table(
    Profile,
    column("person_id", insert_only=True),
    column("provider_id"),
    column("public_identifier"),
    column("connected", "boolean"),
    column("open_profile", "boolean"),
    column("read_at", "timestamptz"),
    column("invited_at", "timestamptz"),
    column("invitation_id"),
    column("chat_id"),
)

action_of = ACTIONS.read
account_of = ACCOUNTS.read
profile_of = PROFILES.read
ACTION_COLUMNS = ACTIONS.selected()
ACCOUNT_COLUMNS = ACCOUNTS.selected()

# What is on the wire when a stop comes into force: named to whoever stopped it, not waited for.
_NAMED = 100
WIRE_COLUMNS = f"""count(*) AS actions, max(lease_until) AS until,
       (array_agg(action_id ORDER BY lease_until DESC, action_id))[1:{_NAMED}] AS action_ids"""


def on_the_wire_of(row: Row | None) -> OnTheWire:
    """What a reading of `WIRE_COLUMNS` has shown."""
    if row is None:
        raise AssertionError("an aggregate has one row")
    return OnTheWire(
        actions=row["actions"], action_ids=tuple(row["action_ids"] or ()), until=row["until"]
    )
