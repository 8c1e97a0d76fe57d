"""The pages and schemas of `docs/events/`: `python -m devstack.event_catalogue.pages DIR`."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from webhook_dispatcher.channels.payload_forms import as_text, in_form
from webhook_dispatcher.models import PayloadForm

from devstack.event_catalogue.examples import example_of
from devstack.event_catalogue.schemas import VERSION, record_schema, schema_of
from devstack.event_catalogue.types import CataloguedType, types

RECORD = "lead-record"
_RECORD_PAGE = """# The record of a lead

What an endpoint with `PAYLOAD_FORM_LEAD_RECORD` receives, for receivers of an older system that
read such records: of events about a lead, and of no others. The header `webhook-id` is the event's
id.

`steps` has the step that the event has ended, or none. Receivers put the steps of a lead together
by (`stepNodeId`, `timestamp`): that pair is the same however often an event comes, and each step of
a lead comes under one pair. `customStatus` and `headline` are columns of the list, if it has them
under these names. What is not known here is `null`.

[Its JSON Schema](lead-record.schema.json). For example, of a `step.completed`:

```json
"""
_INDEX = f"""# Events

What an endpoint receives, by type; written by `make event-catalogue` from `protos/`.
[Receiving webhooks](../webhooks.md) says how it is signed, tried again and put in order.

This is version {VERSION} of the catalogue. Within a version fields and types are added, and none is
taken away or comes to mean something else: ignore what you do not know. A schema allows what it
does not name, for that reason. What cannot be had so is another version, beside this one.

Every event has `id`, `type`, `timestamp` (when it happened) and `data`, whose parts are as things
were then. A part has all of its fields: a text that nobody knows is empty, an object that there is
none of is `null`. An event that is counted has `subject` and `sequenceNumber` as well.

That is how an endpoint gets events that says nothing else (`PAYLOAD_FORM_WITH_LEAD`). With
`PAYLOAD_FORM_IDS` a part has its `id` and the fields whose names end with `Id`, and nothing else;
with `PAYLOAD_FORM_LEAD_RECORD` events about a lead come as [the record of a lead]({RECORD}.md).

| type | | data | |
| --- | --- | --- | --- |
"""


def catalogue() -> Mapping[str, str]:
    """Every file of the folder, by its name."""
    files = {"README.md": _INDEX + "".join(map(_row, types()))}
    for each in types():
        files[f"{each.name}.md"] = _page(each)
        files[f"{each.name}.schema.json"] = _json(schema_of(each))
    step_completed = next(each for each in types() if each.name == "step.completed")
    record = json.loads(_in(PayloadForm.LEAD_RECORD, step_completed))
    files[f"{RECORD}.md"] = f"{_RECORD_PAGE}{_json(record)}```\n"
    files[f"{RECORD}.schema.json"] = _json(record_schema())
    return files


def _in(form: PayloadForm, of: CataloguedType) -> str:
    return in_form(as_text(example_of(of)), form)


def _row(of: CataloguedType) -> str:
    parts = " ".join(f"`{name}`" for name in schema_of(of)["properties"]["data"]["properties"])
    return (
        f"| [`{of.name}`]({of.name}.md) | {of.text} | {parts} | [schema]({of.name}.schema.json) |\n"
    )


def _page(of: CataloguedType) -> str:
    lines = [f"# {of.name}", "", of.text, "", f"[Its JSON Schema]({of.name}.schema.json)", ""]
    data = schema_of(of)["properties"]["data"]["properties"]
    lines += ["| field | type | |", "| --- | --- | --- |", *_rows(data, "data"), ""]
    lines += ["For example:", "", "```json", _json(example_of(of)).rstrip(), "```", ""]
    lines += ["The same by ids alone:", "", "```json", _in(PayloadForm.IDS, of), "```"]
    return "\n".join(lines) + "\n"


def _rows(properties: Mapping[str, Any], within: str) -> Iterator[str]:
    for name, schema in properties.items():
        kind = schema["type"]
        told = kind if isinstance(kind, str) else " or ".join(kind)
        text = schema["description"].replace("|", "\\|") if "description" in schema else ""
        yield f"| `{within}.{name}` | {told} | {text} |"
        yield from _rows(schema.get("properties", {}), f"{within}.{name}")


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def write(folder: Path) -> None:
    """Write every file, and remove those of types that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    files = catalogue()
    for file in folder.iterdir():
        if file.name not in files:
            file.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
