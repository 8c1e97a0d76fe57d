"""What callers say of programs, read and refused by field."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from automation.optimisation.guardrails import limits_of
from automation.programs.program import (
    DEFAULT_EXPLORATION,
    DEFAULT_PLAN,
    DEFAULT_SPACING_DAYS,
    Program,
    ProgramEdit,
    ProgramMode,
    ProgramSettings,
    ProgramState,
)
from automation.programs.schedule import DEFAULT_MINUTE, EVERY_DAY, MONDAY, Timetable, minute_of
from automation.scoring.rules import RulesInvalid, asked_rules_of
from campaigns.models import Campaign
from outreach.automation.v1 import program_pb2, program_service_pb2
from servicekit.errors import FieldViolation
from servicekit.grpc.requests.rules import broken_rules
from servicekit.ids import new_id
from servicekit.time_zones import is_time_zone

from campaign_api.errors import InvalidFields, invalid, required

DEFAULT_ZONE = "UTC"
_LONGEST_NAME = 200
_DEEPEST = 10
"""Of JSON; rules are four deep."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
Asked = program_pb2.Program | program_service_pb2.CreateProgramRequest
"""What has the fields that people set."""
_SET = (
    *("name", "plan_per_day", "time_of_day", "weekdays", "time_zone", "weekly_review"),
    *("rules_json", "exploration_share", "company_spacing_days", "guardrails_json"),
)
"""What people set, by its names in the contract."""


def settings_from_proto(
    request: program_service_pb2.CreateProgramRequest,
) -> ProgramSettings:
    """The settings of a new program; raises `InvalidFields` naming all that is wrong.

    What is its campaign's without (`of_campaign`) is empty, or the default.
    """
    reading = _FieldReading(request, "")
    found = {"name": ""} | reading.values(_SET if request.name.strip() else _SET[1:])
    if not request.HasField("weekly_review"):
        found |= {"review_weekday": MONDAY, "review_minute": DEFAULT_MINUTE}
    violations = [*broken_rules(), *reading.violations]
    if violations:
        raise InvalidFields(violations)
    times = {name: found.pop(name) for name in _TIMES}
    return ProgramSettings(timetable=Timetable(**times), mode=_mode(request.mode), **found)


def of_campaign(
    request: program_service_pb2.CreateProgramRequest,
    settings: ProgramSettings,
    campaign: Campaign,
) -> ProgramSettings:
    """The settings with what the campaign says where the request does not: its name, its zone."""
    window, timetable = campaign.settings.sending_window, settings.timetable
    if window is not None and not request.time_zone:
        timetable = replace(timetable, time_zone=window.time_zone)
    name = settings.name or campaign.name.strip()[:_LONGEST_NAME]
    return replace(settings, name=name, timetable=timetable)


def _mode(mode: program_pb2.ProgramMode.ValueType) -> ProgramMode:
    if mode == program_pb2.PROGRAM_MODE_UNSPECIFIED:
        return ProgramMode.DRY_RUN
    return ProgramMode[program_pb2.ProgramMode.Name(mode).removeprefix("PROGRAM_MODE_")]


def new_program(campaign: Campaign, settings: ProgramSettings) -> Program:
    """The program of a campaign, before it is kept."""
    return Program(
        organization_id=campaign.organization_id,
        program_id=new_id("prog"),
        campaign_id=campaign.id,
        state=ProgramState.ACTIVE,
        settings=settings,
        created_at=campaign.created_at,
        updated_at=campaign.created_at,
    )


def edit_from_proto(request: program_service_pb2.UpdateProgramRequest) -> ProgramEdit:
    """What the mask names, as it is to be; raises `InvalidFields` naming all that is wrong."""
    paths = list(request.update_mask.paths)
    reading = _FieldReading(request.program, "program.")
    violations = [*broken_rules(), *_wrong_paths(request, paths)]
    changes = reading.values([path for path in paths if path in _SET])
    violations += reading.violations
    if violations:
        raise InvalidFields(violations)
    return ProgramEdit(etag=request.program.etag, changes=changes)


def _wrong_paths(
    request: program_service_pb2.UpdateProgramRequest, paths: Sequence[str]
) -> Iterator[FieldViolation]:
    if request.HasField("update_mask") and not paths:
        yield required("update_mask")
    for position, path in enumerate(paths):
        if path not in _SET:
            yield invalid(f"update_mask.paths[{position}]", "This is not changed here.")


_TIMES = ("daily_minute", "weekdays", "time_zone", "review_weekday", "review_minute")


class _FieldReading:
    """Reads fields, and keeps what is wrong with them."""

    def __init__(self, asked: Asked, prefix: str) -> None:
        self._asked = asked
        self._prefix = prefix
        self._told = {each.field for each in broken_rules()}
        self.violations: list[FieldViolation] = []

    def values(self, names: Sequence[str]) -> dict[str, Any]:
        """What the fields say, by the names of the model; what is not set has its default."""
        found: dict[str, Any] = {}
        for name in names:
            found |= _READ[name](self)
        return found

    def name(self) -> Mapping[str, Any]:
        name = self._asked.name.strip()
        if not name:
            self.violations.append(required(f"{self._prefix}name"))
        return {"name": name}

    def plan_per_day(self) -> Mapping[str, Any]:
        return {"plan_per_day": self._asked.plan_per_day or DEFAULT_PLAN}

    def time_of_day(self) -> Mapping[str, Any]:
        return {"daily_minute": self._minute("time_of_day", self._asked.time_of_day)}

    def weekdays(self) -> Mapping[str, Any]:
        return {"weekdays": frozenset(map(int, self._asked.weekdays)) or EVERY_DAY}

    def time_zone(self) -> Mapping[str, Any]:
        zone = self._asked.time_zone or DEFAULT_ZONE
        if not is_time_zone(zone):
            self._refuse("time_zone", f"There is no time zone {zone}.")
            zone = DEFAULT_ZONE
        return {"time_zone": zone}

    def weekly_review(self) -> Mapping[str, Any]:
        if not self._asked.HasField("weekly_review"):
            return {"review_weekday": None}
        review = self._asked.weekly_review
        minute = self._minute("weekly_review.time", review.time)
        return {"review_weekday": int(review.weekday), "review_minute": minute}

    def rules(self) -> Mapping[str, Any]:
        rules = self._content("rules_json", self._asked.rules_json)
        try:
            asked_rules_of(rules)
        except RulesInvalid as error:
            for each in error.violations:
                self._refuse(f"rules_json.{each.field}", each.description)
        return {"rules": rules}

    def exploration_share(self) -> Mapping[str, Any]:
        told = self._asked.HasField("exploration_share")
        share = self._asked.exploration_share if told else DEFAULT_EXPLORATION
        return {"exploration_share": share}

    def company_spacing_days(self) -> Mapping[str, Any]:
        told = self._asked.HasField("company_spacing_days")
        days = self._asked.company_spacing_days if told else DEFAULT_SPACING_DAYS
        return {"company_spacing_days": days}

    def guardrails(self) -> Mapping[str, Any]:
        limits = self._content("guardrails_json", self._asked.guardrails_json)
        try:
            limits_of(limits)
        except ValueError as error:
            self._refuse("guardrails_json", f"{error}.")
        return {"guardrails": limits}

    def _minute(self, field: str, text: str) -> int:
        try:
            return minute_of(text) if text else DEFAULT_MINUTE
        except ValueError:
            self._refuse(field, "A time of day, for example 06:00.")
            return DEFAULT_MINUTE

    def _content(self, field: str, text: str) -> Mapping[str, Any]:
        """The object of JSON; what PostgreSQL does not store is refused: it is kept as it is."""
        if not text:
            return {}
        try:
            content = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict) or not _can_be_kept(content, _DEEPEST):
            self._refuse(field, "An object in JSON.")
            return {}
        return content

    def _refuse(self, field: str, told: str) -> None:
        if f"{self._prefix}{field}" not in self._told:
            self.violations.append(invalid(f"{self._prefix}{field}", told))


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


def _can_be_kept(content: Any, deep: int) -> bool:
    """Whether its texts can be stored, and it lies no deeper than this."""
    if isinstance(content, str):
        return not _UNSTORABLE.search(content)
    if isinstance(content, dict):
        content = [*content, *content.values()]
    return not isinstance(content, list) or (
        deep > 0 and all(_can_be_kept(each, deep - 1) for each in content)
    )


_READ: Mapping[str, Callable[[_FieldReading], Mapping[str, Any]]] = {
    "name": _FieldReading.name,
    "plan_per_day": _FieldReading.plan_per_day,
    "time_of_day": _FieldReading.time_of_day,
    "weekdays": _FieldReading.weekdays,
    "time_zone": _FieldReading.time_zone,
    "weekly_review": _FieldReading.weekly_review,
    "rules_json": _FieldReading.rules,
    "exploration_share": _FieldReading.exploration_share,
    "company_spacing_days": _FieldReading.company_spacing_days,
    "guardrails_json": _FieldReading.guardrails,
}
