"""What is sent, as JSON Schema. A schema allows what it does not name: fields are added."""

from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from outreach.webhook.v1 import event_pb2 as pb

from devstack.event_catalogue.types import TRIAL, CataloguedType, texts

VERSION: Final = 1
"""Of what is promised. Another number is another shape, beside this one."""
RECORD_TEXTS: Final = (
    "id",
    "firstName",
    "lastName",
    "linkedinUrl",
    "connectionStatus",
    "customStatus",
    "location",
    "company",
    "headline",
    "phone",
    "jobtitle",
    "email",
)
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_INSTANT: Final = {"type": "string", "format": "date-time"}
_OF_KIND: Final = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_INT32: {"type": "integer"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
}


def schema_of(of: CataloguedType) -> dict[str, Any]:
    """What every event of a type looks like, as an endpoint receives it."""
    said = texts()
    return {
        "$schema": _DRAFT,
        "$id": f"urn:outreach:event:{of.name}:v{VERSION}",
        "title": of.name,
        "description": of.text,
        "type": "object",
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[!-~]{1,200}$",
                "description": "The same at every attempt, and in the header `webhook-id`.",
            },
            "type": {"const": of.name},
            "timestamp": {**_INSTANT, "description": "When it happened."},
            "subject": {"type": "string", "description": said["Event.subject"]},
            "sequenceNumber": {
                "type": "integer",
                "minimum": 1,
                "description": said["Event.sequence_number"],
            },
            "data": _data(of),
        },
        "required": ["id", "type", "timestamp", "data"],
        "dependentRequired": {"subject": ["sequenceNumber"], "sequenceNumber": ["subject"]},
    }


def _data(of: CataloguedType) -> dict[str, Any]:
    if of.name == TRIAL:
        return _object({"endpointId": {"type": "string", "description": "Which is tried."}})
    fields = pb.Event.DESCRIPTOR.fields_by_name
    return _object({fields[part].json_name: _message(_of(fields[part])) for part in of.parts})


def record_schema() -> dict[str, Any]:
    """What an endpoint receives that wants the record of a lead."""
    text, unknown = {"type": ["string", "null"]}, {"type": "null"}
    counted = {"type": "integer", "minimum": 0}
    result = _object({"total": counted, "successful": counted, "failed": counted})
    details = {"successCount": counted, "failedCount": counted}
    step = {
        "stepNodeId": {"type": "string"},
        "timestamp": _INSTANT,
        "success": {"type": "boolean"},
        "details": _object({**details, "comments": {"type": "array", "maxItems": 0}}),
        "metadata": _object({"automationResults": result}),
    }
    unknown_seat = ("providerId", "firstName", "lastName", "publicIdentifier", "accountType")
    campaign = {
        "id": text,
        "name": text,
        "description": unknown,
        "status": text,
        "fromTime": unknown,
        "toTime": unknown,
        "seat": _object({"id": text, **dict.fromkeys(unknown_seat, unknown)}),
        "leadList": _object({"id": text, "name": unknown, "listType": unknown}),
    }
    reply = _object({"message": text})
    described = {"description": "The record of a lead, with the step that an event has ended."}
    return {
        "$schema": _DRAFT,
        "$id": f"urn:outreach:lead-record:v{VERSION}",
        "title": "lead-record",
        **described,
        **_object(
            dict.fromkeys(RECORD_TEXTS, text)
            | {"createdAt": {**_INSTANT, "type": ["string", "null"]}}
            | {"steps": {"type": "array", "maxItems": 1, "items": _object(step)}}
            | {"campaign": _object(campaign), "reply": {**reply, "type": ["object", "null"]}}
        ),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _message(of: Descriptor) -> dict[str, Any]:
    described = {"description": texts()[of.name]}
    return described | _object({each.json_name: _field(each, within=of) for each in of.fields})


def _field(field: FieldDescriptor, *, within: Descriptor) -> dict[str, Any]:
    """A field of a part: it is always there, and null where it is a message that is not set."""
    described = {"description": texts()[f"{within.name}.{field.name}"]}
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        if field.is_repeated:
            return {"type": "array", "items": _OF_KIND[field.type]} | described
        return _OF_KIND[field.type] | described
    of = _of(field)
    if of.GetOptions().map_entry:
        return {"type": "object", "additionalProperties": {"type": "string"}} | described
    kind = _INSTANT if of.full_name == "google.protobuf.Timestamp" else _message(of)
    return {**kind, "type": [kind["type"], "null"]} | described


def _of(field: FieldDescriptor) -> Descriptor:
    """What a field that holds a message holds."""
    if field.message_type is None:
        raise TypeError(field.full_name)
    return field.message_type
