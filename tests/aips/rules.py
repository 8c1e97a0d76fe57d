"""Google's API improvement proposals (https://google.aip.dev), as far as descriptors decide them.

Each rule tells what does not keep it. What is on purpose stands in `exceptions`, with its reason.
Of 133 we keep what a Create answers: what it is asked stands flat in the request, each field with
its own rules. Of 217 nothing: no list is told without what is away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from outreach.common.v1 import audited_pb2, error_reason_pb2

from tests.protos import comments, enums, files, methods
from tests.rehearsals import takes_validate_only

Rule = Callable[[], Iterator[str]]
RULES: dict[str, Rule] = {}
_PREPOSITIONS = re.compile(r"(?<=[a-z])(For|With|By|Of|From|At|On|In|To)(?=[A-Z])")
_REASON = re.compile(r"\(([A-Z]+_[A-Z_]+(?:, [A-Z]+_[A-Z_]+)*)[;)]")


def rule(name: str) -> Callable[[Rule], Rule]:
    """Keep a rule by its number and what it says."""

    def keep(check: Rule) -> Rule:
        RULES[name] = check
        return check

    return keep


def named(prefix: str) -> Iterator[MethodDescriptor]:
    """The methods of a standard verb."""
    return (each for each in methods() if re.match(f"{prefix}[A-Z]", each.name))


def changing() -> Iterator[MethodDescriptor]:
    """The methods that change something."""
    kinds = {audited_pb2.AUDITED_CHANGE, audited_pb2.AUDITED_OWN_ROW}
    return (
        each for each in methods() if each.GetOptions().Extensions[audited_pb2.audited] in kinds
    )


def all_messages() -> Iterator[Descriptor]:
    """Every message."""
    for file in files():
        todo = [*file.message_types_by_name.values()]
        while todo:
            message = todo.pop()
            yield message
            todo += [each for each in message.nested_types if not each.GetOptions().map_entry]


def all_fields() -> Iterator[FieldDescriptor]:
    """Every field of every message."""
    for message in all_messages():
        yield from message.fields


def resources() -> dict[str, Descriptor]:
    """What is listed, got, created or updated, by its full name."""
    found = {}
    for method in methods():
        if re.match("(List|Get|Create|Update)[A-Z]", method.name):
            first = method.output_type.fields[0].message_type
            if first is not None and first.full_name.startswith("outreach."):
                found[first.full_name] = first
    return found


def is_of(field: FieldDescriptor | None, type_name: str) -> bool:
    """Whether there is such a field, of this message type."""
    return (
        field is not None
        and field.message_type is not None
        and (field.message_type.full_name == f"google.protobuf.{type_name}")
    )


def is_string(field: FieldDescriptor | None) -> bool:
    """Whether there is such a field, and it is one text."""
    return field is not None and field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated


@rule("131, 164 a Get is asked by ids alone, and answers the resource first")
def _get() -> Iterator[str]:
    for method in named("Get"):
        asked = {each.name for each in method.input_type.fields} - {"show_deleted"}
        ids = all(each.endswith("_id") for each in asked)
        first = method.output_type.fields[0]
        if not ids or first.is_repeated or first.message_type is None:
            yield method.full_name


@rule("132, 158 a List is paged, and answers the resources first")
def _list() -> Iterator[str]:
    for method in named("List"):
        asked, answered = method.input_type.fields_by_name, method.output_type
        paged = "page_size" in asked and is_string(asked.get("page_token"))
        first = answered.fields[0]
        tells = first.is_repeated and first.message_type is not None
        if not (paged and tells and is_string(answered.fields_by_name.get("next_page_token"))):
            yield method.full_name


@rule("158 whatever takes a page_size takes a page_token, and tells the next one")
def _pages() -> Iterator[str]:
    for method in methods():
        asked, answered = method.input_type.fields_by_name, method.output_type.fields_by_name
        told = ["page_size" in asked, "page_token" in asked, "next_page_token" in answered]
        if len({*told}) > 1:
            yield method.full_name


@rule("133 a Create answers what it has made, by its name")
def _create() -> Iterator[str]:
    for method in named("Create"):
        noun = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", method.name.removeprefix("Create")).lower()
        first = method.output_type.fields[0]
        if first.name != noun or first.message_type is None:
            yield method.full_name


@rule("134, 161 an Update takes the resource and an update_mask")
def _update() -> Iterator[str]:
    for method in named("Update"):
        beside = {"request_id", "validate_only"}
        asked = [each for each in method.input_type.fields if each.name not in beside]
        mask = method.input_type.fields_by_name.get("update_mask")
        if asked[0].message_type is None or not is_of(mask, "FieldMask") or len(asked) > 2:
            yield method.full_name


@rule("135 what deletes names it by ids alone, and may be forced, or be of what is missing")
def _delete() -> Iterator[str]:
    for method in (*named("Delete"), *named("Remove")):
        asked = {each.name for each in method.input_type.fields} - {
            "force",
            "allow_missing",
            "etag",
            "validate_only",
        }
        if not all(each.endswith("_id") for each in asked):
            yield method.full_name


@rule("136 a method is a verb and a noun, without a preposition")
def _verbs() -> Iterator[str]:
    names = {each.full_name: each.name.replace("LinkedIn", "Linkedin") for each in methods()}
    return (each for each, name in names.items() if _PREPOSITIONS.search(name))


@rule("142 an instant is called `…_time`, and nothing else is")
def _times() -> Iterator[str]:
    for field in all_fields():
        if is_of(field, "Timestamp") != field.name.endswith("_time"):
            yield field.full_name


@rule("148 a resource tells when it was made")
def _made() -> Iterator[str]:
    for name, message in resources().items():
        if not is_of(message.fields_by_name.get("create_time"), "Timestamp"):
            yield name


@rule("148 what people make or edit tells by whom")
def _by_whom() -> Iterator[str]:
    for verb, said in (("Create", "created_by"), ("Update", "updated_by")):
        for method in named(verb):
            message = method.output_type.fields[0].message_type
            known = message.fields_by_name if message is not None else {}
            if "create_time" in known and not is_string(known.get(said)):
                yield f"{message.full_name}.{said}"


@rule("148 what is updated tells when it last was")
def _changed() -> Iterator[str]:
    for method in named("Update"):
        message = method.output_type.fields[0].message_type
        if not is_of(message.fields_by_name.get("update_time"), "Timestamp"):
            yield message.full_name


@rule("154 what people edit has an etag")
def _etags() -> Iterator[str]:
    for method in named("Update"):
        message = method.output_type.fields[0].message_type
        if not is_string(message.fields_by_name.get("etag")):
            yield message.full_name


@rule("154 an edit or a delete of what has an etag says what it has read")
def _says_etag() -> Iterator[str]:
    edited = {method.output_type.fields[0].message_type.name for method in named("Update")}
    for method in methods():
        verb, noun = re.match("(Update|Delete)?(.*)", method.name).groups()  # type: ignore[union-attr]
        if verb is None or noun not in edited:
            continue
        asked = method.input_type.fields_by_name
        inside = asked[method.input_type.fields[0].name].message_type
        within = inside.fields_by_name if verb == "Update" and inside is not None else {}
        if not (is_string(asked.get("etag")) or is_string(within.get("etag"))):
            yield method.full_name


@rule("155 what changes something takes a request_id")
def _request_ids() -> Iterator[str]:
    for method in changing():
        if not is_string(method.input_type.fields_by_name.get("request_id")):
            yield method.full_name


@rule("157 how much of a resource is told is asked by a view or a mask")
def _views() -> Iterator[str]:
    return (each.full_name for each in all_fields() if each.name.startswith(("include_", "with_")))


@rule("160 a filter is one text")
def _filters() -> Iterator[str]:
    for field in all_fields():
        if field.name in {"filter", "order_by"} and not is_string(field):
            yield field.full_name


@rule("160 a List takes a filter and an order_by")
def _filtered() -> Iterator[str]:
    for method in named("List"):
        asked = method.input_type.fields_by_name
        if not {"filter", "order_by"} <= {*asked}:
            yield method.full_name


@rule("a List of resources can be followed: from a moment, then from token to token")
def _followed() -> Iterator[str]:
    for method in named("List"):
        asked, answered = method.input_type.fields_by_name, method.output_type.fields_by_name
        begins = is_of(asked.get("updated_since"), "Timestamp")
        goes_on = is_string(asked.get("sync_token"))
        if not (begins and goes_on and is_string(answered.get("next_sync_token"))):
            yield method.full_name


@rule("a List that can be followed says that there is more, whatever it has found")
def _more_changes() -> Iterator[str]:
    for method in named("List"):
        answered = method.output_type.fields_by_name
        if "next_sync_token" in answered and "more_changes" not in answered:
            yield method.full_name


@rule("163 what only tells what would be is called validate_only")
def _validated() -> Iterator[str]:
    return (each.full_name for each in all_fields() if re.search("dry_run|preview", each.name))


@rule("163 what changes something says what it would do, if it is only asked")
def _foreseen() -> Iterator[str]:
    return (each.full_name for each in changing() if not takes_validate_only(each))


@rule("164 what is deleted and remembered is shown if asked for, and comes back")
def _soft() -> Iterator[str]:
    names = {method.name for method in methods()}
    for name, message in resources().items():
        if "delete_time" in message.fields_by_name and f"Undelete{message.name}" not in names:
            yield name


@rule("135, 164 what a Delete takes away is shown if asked for, tells when, and comes back")
def _comes_back() -> Iterator[str]:
    for method in named("Delete"):
        noun = method.name.removeprefix("Delete")
        of = {each.name: each for each in method.containing_service.methods}
        listed = of[f"List{noun}s"].input_type.fields_by_name
        told = of[f"Get{noun}"].output_type.fields[0].message_type.fields_by_name
        if not (f"Undelete{noun}" in of and "show_deleted" in listed and "delete_time" in told):
            yield method.full_name


@rule("193 the reasons that a method tells are those of ErrorReason")
def _reasons() -> Iterator[str]:
    known = {
        each.removeprefix("ERROR_REASON_")
        for each in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    }
    for method, comment in comments().items():
        told = {each for found in _REASON.findall(comment) for each in found.split(", ")}
        yield from (f"{method} {each}" for each in sorted(told - known))


@rule("203 a resource's state is moved by methods, never set")
def _states() -> Iterator[str]:
    for name, message in resources().items():
        field = message.fields_by_name.get("state")
        said = field and field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        if field is not None and list(said or ()) != [field_behavior_pb2.OUTPUT_ONLY]:
            yield f"{name}.state"


@rule("216 a state is an enum that is called so")
def _state_enums() -> Iterator[str]:
    for field in all_fields():
        if field.name == "state" and not (
            field.enum_type and field.enum_type.name.endswith("State")
        ):
            yield field.full_name


@rule("126, 216 the first value of an enum says nothing")
def _unspecified() -> Iterator[str]:
    for enum in enums():
        if not enum.values_by_number[0].name.endswith("_UNSPECIFIED"):
            yield enum.full_name


@rule("231-235 a Batch names each by its id, and answers for each")
def _batches() -> Iterator[str]:
    for method in named("Batch"):
        several = [each for each in method.input_type.fields if each.is_repeated]
        answers = method.output_type.fields
        asked = len(several) == 1 and several[0].name.endswith("_ids")
        if not (asked and len(answers) == 1 and answers[0].is_repeated):
            yield method.full_name
