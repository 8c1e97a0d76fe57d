"""Requests that nobody foresaw, made by a seed from the contract's descriptors, as bytes.

A request is mostly plausible, so that it gets far: ids that exist, tokens that were answered
before. Then something in it is not: a NUL, half a character, a number out of range, a text of
100 KB, JSON in JSON with all of these, or bytes that are no message at all.
"""

import base64
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.fuzzing.rules import ends_of
from tests.fuzzing.values import (
    HALF,
    ODD_ENUMS,
    ODD_JSON,
    ODD_NANOS,
    ODD_REALS,
    ODD_SECONDS,
    ODD_TEXTS,
    ODD_VALUES,
    PLAIN_TEXTS,
)

_HALF_BYTES = b"\xed\xa0\x80"
_DEEPEST = 5
_MOST_KEPT = 40
_LARGEST_EXAMPLE = 20_000


@dataclass
class Fuzz:
    """Makes requests, and learns from what comes of them."""

    dice: random.Random
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Texts by the name of the field that they fit into."""
    examples: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    """Requests that were in order, by the name of their message."""

    def chance(self, of: float) -> bool:
        return self.dice.random() < of

    def learn(self, message: Message) -> None:
        """Remember what a service answered, to ask for it."""
        for descriptor, value in message.ListFields():
            values = value if descriptor.is_repeated else [value]
            if descriptor.message_type is None:
                if descriptor.type == FieldDescriptor.TYPE_STRING:
                    kept = self.known[_noun(descriptor.name.removeprefix("next_"))]
                    kept += [each for each in values if each][:3]
                    del kept[:-_MOST_KEPT]
            elif not descriptor.message_type.GetOptions().map_entry:
                for each in values[:5] if descriptor.is_repeated else values:
                    self.learn(each)

    def request(self, method: MethodDescriptor) -> bytes:
        """A request for a method, on the wire."""
        made = GetMessageClass(method.input_type)()
        odd = self.dice.choice((0.0, 0.02, 0.1, 0.4))
        examples = self.examples[method.input_type.full_name]
        if examples and self.chance(0.6):
            made.CopyFrom(self.dice.choice(examples))
            self.change(made, 0, odd=odd)
        else:
            self.fill(made, 0, odd=odd)
        raw: bytes = made.SerializeToString()
        raw = raw.replace(HALF.encode(), _HALF_BYTES)
        if self.chance(0.03):
            raw = self.mangled(raw)
        return raw

    def keep(self, *requests: Message) -> None:
        """Remember requests that are in order, to make others of them."""
        for request in requests:
            examples = self.examples[request.DESCRIPTOR.full_name]
            if request.ByteSize() < _LARGEST_EXAMPLE:
                examples.append(request)
                del examples[:-_MOST_KEPT]

    def change(self, message: Any, depth: int, *, odd: float) -> None:
        """Set some fields of a message anew, or leave them out."""
        for descriptor in message.DESCRIPTOR.fields:
            inside = descriptor.message_type is not None and not descriptor.is_repeated
            if descriptor.name == "request_id" and self.chance(0.8):
                message.request_id = f"req-{self.dice.randrange(10**9)}"
            elif inside and message.HasField(descriptor.name) and self.chance(0.7):
                self.change(getattr(message, descriptor.name), depth + 1, odd=odd)
            elif self.chance(0.15):
                message.ClearField(descriptor.name)
                if descriptor.containing_oneof is None and self.chance(0.8):
                    self._set(message, descriptor, depth, odd=max(odd, 0.3))

    def mangled(self, raw: bytes) -> bytes:
        """Bytes with some of them gone or changed."""
        if not raw or self.chance(0.2):
            return self.dice.randbytes(self.dice.randint(1, 60))
        cut = bytearray(raw[: self.dice.randint(1, len(raw))])
        for _ in range(self.dice.randint(0, 3)):
            cut[self.dice.randrange(len(cut))] = self.dice.randrange(256)
        return bytes(cut)

    def fill(self, message: Any, depth: int, *, odd: float) -> None:
        """Set fields of a message; `odd` is how often a value is out of the ordinary."""
        chosen = {
            oneof.name: self.dice.choice(oneof.fields).name
            for oneof in message.DESCRIPTOR.oneofs
            if oneof.fields
        }
        for descriptor in message.DESCRIPTOR.fields:
            oneof = descriptor.containing_oneof
            if oneof is not None and chosen[oneof.name] != descriptor.name:
                continue
            if depth > _DEEPEST or self.chance(0.15 if oneof is None else 0.05):
                continue
            self._set(message, descriptor, depth, odd=odd)

    def _set(self, message: Any, descriptor: FieldDescriptor, depth: int, *, odd: float) -> None:
        value = getattr(message, descriptor.name)
        if descriptor.is_repeated:
            count = self.dice.choice((0, 1, 1, 2, 3)) if not self.chance(odd / 10) else 300
            for _ in range(count):
                self._add(value, descriptor, depth, odd=odd)
        elif descriptor.message_type is not None:
            value.SetInParent()
            self._fill_one(value, depth, odd=odd)
        else:
            setattr(message, descriptor.name, self.scalar(descriptor, odd=odd))

    def _add(self, value: Any, descriptor: FieldDescriptor, depth: int, *, odd: float) -> None:
        made = descriptor.message_type
        if made is None:
            value.append(self.scalar(descriptor, odd=odd))
        elif made.GetOptions().map_entry:
            key = self.scalar(made.fields_by_name["key"], odd=odd)
            of = made.fields_by_name["value"]
            if of.message_type is None:
                value[key] = self.scalar(of, odd=odd)
            else:
                self._fill_one(value[key], depth, odd=odd)
        else:
            self._fill_one(value.add(), depth, odd=odd)

    def _fill_one(self, message: Any, depth: int, *, odd: float) -> None:
        match message.DESCRIPTOR.full_name:
            case "google.protobuf.Timestamp":
                near = 1_772_000_000 + self.dice.randint(-9, 9) * 86_400
                message.seconds = self.dice.choice(ODD_SECONDS) if self.chance(odd) else near
                message.nanos = self.dice.choice(ODD_NANOS) if self.chance(odd) else 0
            case "google.protobuf.Duration":
                near = self.dice.choice((0, 60, 86_400, 14 * 86_400))
                message.seconds = self.dice.choice(ODD_SECONDS) if self.chance(odd) else near
                message.nanos = self.dice.choice(ODD_NANOS) if self.chance(odd) else 0
            case _:
                self.fill(message, depth + 1, odd=odd)

    def scalar(self, of: FieldDescriptor, *, odd: float) -> Any:
        """A value of a field that is no message."""
        strange, ends = self.chance(odd), ends_of(of)
        if of.enum_type is not None:
            return self.dice.choice(ODD_ENUMS if strange else [*of.enum_type.values_by_number])
        if ends and self.chance(max(odd, 0.05)):
            return self.dice.choice(ends)
        if of.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            is_bytes = of.type == FieldDescriptor.TYPE_BYTES
            return self.content(odd=odd) if is_bytes else self.text(of.name, odd=odd)
        match of.cpp_type:
            case FieldDescriptor.CPPTYPE_BOOL:
                return self.chance(0.5)
            case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
                return self.dice.choice(ODD_REALS if strange else (0.0, 0.5, 1.0))
            case _:
                bits = 32 if "32" in _NAMES[of.type] else 64
                signed = not _NAMES[of.type].startswith(("U", "FIXED"))
                least = -(2 ** (bits - 1)) if signed else 0
                most = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
                far = (least, most, max(least, -1), 10**6)
                return self.dice.choice(far if strange else (0, 1, 2, 5, 10, 50))

    def text(self, name: str, *, odd: float) -> str:
        """A text for a field of this name."""
        known = self.known[_noun(name)]
        if self.chance(odd):
            text = self.dice.choice(ODD_TEXTS)
            return text if self.chance(0.5) or not known else self.dice.choice(known) + text
        if name == "page_token" and known and self.chance(0.5):
            return self.page_token(self.dice.choice(known))
        if name.endswith("_json"):
            return self.json(odd=odd)
        if known and self.chance(0.85):
            return self.dice.choice(known)
        return self.dice.choice(PLAIN_TEXTS)

    def page_token(self, token: str) -> str:
        """A token whose position is another."""
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        # A signed one keeps its signature, which is then another position's.
        signature, held = (raw[:16], raw[16:]) if raw[16:17] == b"[" else (b"", raw)
        position = json.dumps(self.replaced(json.loads(held), odd=0.3))
        return base64.urlsafe_b64encode(signature + position.encode()).decode().rstrip("=")

    def json(self, *, odd: float) -> str:
        """A document for a field that holds JSON, some of its values replaced."""
        known = self.known["json"]
        if not known or self.chance(0.1):
            return self.dice.choice(ODD_JSON)
        document = json.loads(self.dice.choice(known))
        if self.chance(0.7):
            document = self.replaced(document, odd=max(odd, 0.03))
        return json.dumps(document)

    def replaced(self, value: Any, *, odd: float) -> Any:
        """JSON with some of its values, names and items replaced, doubled or left out."""
        if self.chance(odd):
            return self.dice.choice((*ODD_VALUES, self.dice.choice(ODD_TEXTS)))
        if isinstance(value, dict):
            return {
                (self.dice.choice(ODD_TEXTS) if self.chance(odd / 4) else name): self.replaced(
                    item, odd=odd
                )
                for name, item in value.items()
                if not self.chance(odd / 2)
            }
        if isinstance(value, list):
            items = [self.replaced(item, odd=odd) for item in value]
            return items * 2 if self.chance(odd / 2) else items
        return value

    def content(self, *, odd: float) -> bytes:
        """The bytes of a list or another file."""
        known = self.known["content"]
        raw = self.dice.choice(known).encode() if known and self.chance(0.8) else b"a,b\n1,2\n"
        if self.chance(odd):
            raw += self.dice.choice(ODD_TEXTS).replace(HALF, "").encode()
            raw = raw.replace(b",", self.dice.choice((b",", b";", b"\x00", b"\t", b'"', b"\xff")))
        return self.mangled(raw) if self.chance(odd) else raw


def _noun(name: str) -> str:
    """`account_ids` are texts that fit into `account_id`."""
    return name.removesuffix("s") if name.endswith(("_ids", "_tokens")) else name


_NAMES = {
    getattr(FieldDescriptor, name): name.removeprefix("TYPE_")
    for name in vars(FieldDescriptor)
    if name.startswith("TYPE_")
}
