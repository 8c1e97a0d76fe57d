"""What LinkedIn may want from an owner before it lets an account in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never


class Checkpoint(StrEnum):
    """Checkpoints that an owner can pass here, by Unipile's words; a captcha is not among them."""

    TWO_FACTOR = "2FA"
    ONE_TIME_CODE = "OTP"
    IN_APP = "IN_APP_VALIDATION"
    PHONE_NUMBER = "PHONE_REGISTER"
    CONTRACT = "CONTRACT_CHOOSER"


SENT_AGAIN: Final = frozenset({Checkpoint.TWO_FACTOR, Checkpoint.ONE_TIME_CODE, Checkpoint.IN_APP})
"""Checkpoints for which LinkedIn sends the owner something: a code, or a question in its app."""

_BY_WORD: Final = {checkpoint.value: checkpoint for checkpoint in Checkpoint}


@dataclass(frozen=True, kw_only=True)
class PendingCheckpoint:
    """A checkpoint that the owner has to pass first."""

    checkpoint_id: str
    kind: Checkpoint
    description: str


def checkpoint_of(word: str) -> Checkpoint | None:
    """The checkpoint that Unipile calls by this word; None if it cannot be passed here."""
    return _BY_WORD.get(word)


def instruction(kind: Checkpoint, source: str, options: tuple[tuple[str, str], ...]) -> str:
    """One sentence for the owner."""
    match kind:
        case Checkpoint.TWO_FACTOR:
            where = "the authenticator app" if source == "APP" else "the text message"
            return f"Enter the code from {where}."
        case Checkpoint.ONE_TIME_CODE:
            return "Enter the code that LinkedIn has sent by e-mail or text message."
        case Checkpoint.IN_APP:
            return "Confirm the sign-in in LinkedIn's app, then ask again without a code."
        case Checkpoint.PHONE_NUMBER:
            return "Enter a phone number as (+33)0612345678."
        case Checkpoint.CONTRACT:
            named = ", ".join(f"{option} ({name})" for option, name in options)
            return f"Enter the id of the contract to use: {named}."
        case _:
            assert_never(kind)
