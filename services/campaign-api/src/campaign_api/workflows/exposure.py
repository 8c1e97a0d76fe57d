"""What of a workflow's data is told to who may not read people's. Pure.

That is what is known to be of nobody. Fields are told by their names, and their values only if they
look as an id or a code of ours does;
whatever is not listed is masked, so that a field added elsewhere tells nothing by mistake.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MASKED = "[masked]"
LONGEST_TEXT = 500
LONGEST_LIST = 50
LARGEST = 16 * 1024
"""Bytes of JSON for one event."""
_DEEPEST = 20


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPEN = _names(
    """
    accept_within_seconds accepted activity
    admitted after again at attempt_timeout_milliseconds automatic automatic_replies begun
    campaign_id clock complete_current_executions connected continue_after_reply current
    current_unchanged delay_seconds delivery_id end_at ended epoch event_id exits
    first_retry_milliseconds index indexed invited keeps kind lapse_after_milliseconds
    lead_id leads longest_retry_milliseconds longest_seconds look_by more moving_to n
    next_at next_delay_seconds next_step_id not_accepted_step_id outcome owner_messages
    parked path paused performed plan policies posts ready reassigned_to replied reply
    revision_id rounds running since speed started state step step_id steps stopped stopping
    strangers suppression_id trace_id type unpublished untold wait_seconds waits_for_acceptance
    waits_for_room wanted_id within_seconds
    """
)
"""Ids of ours, states, moments and counts."""
CODES = frozenset({"reason", "skipped", "lead_failed"})
"""One of our reasons, or a sentence that somebody has written."""
PERSONAL = _names(
    """
    by chat_id exit_name key message message_id name text
    """
)
"""What people wrote or are called, and by what they could be found."""

_PLAIN = re.compile(r"[A-Za-z0-9_.:+/|-]{0,200}")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_ID = re.compile(
    r"(?:camp|seq|lead|per|acct|act|ep|evt|dlv|imp|prog|run|dec|apr|org|mem|key)_[0-9a-z]{1,40}"
)


@dataclass(frozen=True)
class Exposure:
    """How much is told: all of it, or what is of nobody."""

    full: bool

    def value(self, value: Any) -> Any:
        """What JSON has of a value that nothing names."""
        return _bounded(value) if self.full else _masked(value, field="")

    def named(self, name: str, value: str) -> str:
        """A text that Temporal itself keeps under this name."""
        if self.full or name in _OF_TEMPORAL:
            return value[:LONGEST_TEXT]
        return str(_masked(value, field="reason"))

    def sentence(self, text: str) -> str:
        """What somebody, or an exception, has said."""
        if not text or self.full or _CODE.fullmatch(text) or _ID.fullmatch(text):
            return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
        return MASKED


_OF_TEMPORAL = _names(
    """
    activity_id activity_type attempt binary_checksum build_id child_workflow_id
    continued_execution_run_id cron_schedule deployment_name first_execution_run_id
    marker_name name new_execution_run_id original_execution_run_id request_id run_id
    series_name signal_name sticky_task_queue task_queue timer_id workflow_id normal_name
    base_run_id new_run_id new_build_id history_size_bytes namespace namespace_id
    parent_workflow_namespace parent_workflow_namespace_id
    """
)
"""Names that code, and not people, has given."""


def as_json(content: Mapping[str, Any]) -> str:
    """The content as JSON, never more than `LARGEST`."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    size = len(text.encode())
    if size <= LARGEST:
        return text
    return json.dumps({"left_out_bytes": size, "fields": sorted(content)[:LONGEST_LIST]})


def _masked(value: Any, *, field: str, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool) or value == "":
        return value
    if depth > _DEEPEST:
        return MASKED
    if isinstance(value, dict) and field not in PERSONAL:
        shown = {}
        for number, (name, each) in enumerate(value.items(), start=1):
            known = name in OPEN or name in CODES or name in PERSONAL
            shown[name if known else f"{MASKED} {number}"] = _masked(
                each, field=name if known else "-", depth=depth + 1
            )
        return shown
    if isinstance(value, list) and field not in PERSONAL:
        told = [_masked(each, field=field, depth=depth + 1) for each in value[:LONGEST_LIST]]
        return told if len(value) <= LONGEST_LIST else [*told, f"… of {len(value)}"]
    if isinstance(value, str):
        return value if _is_told(value, field) else MASKED
    return value if field in OPEN else MASKED


def _is_told(text: str, field: str) -> bool:
    if field in OPEN:
        return _PLAIN.fullmatch(text) is not None
    if field in CODES or not field:
        return _CODE.fullmatch(text) is not None or _ID.fullmatch(text) is not None
    return False


def _bounded(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {str(name): _bounded(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        told = [_bounded(each, depth + 1) for each in value[:LONGEST_LIST]]
        return told if len(value) <= LONGEST_LIST else [*told, f"… of {len(value)}"]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}…"
    return value
