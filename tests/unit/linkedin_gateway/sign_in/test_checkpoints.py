"""What an owner has to do before LinkedIn lets an account in."""

from linkedin_gateway.sign_in.checkpoints import Checkpoint, checkpoint_of, instruction


def test_contracts_are_named() -> None:
    """Who has to choose reads between what."""
    sentence = instruction(Checkpoint.CONTRACT, "", (("7", "North"), ("9", "South")))

    assert "7 (North)" in sentence
    assert "9 (South)" in sentence


def test_a_captcha_cannot_be_passed_here() -> None:
    """Only checkpoints that an owner can answer through us are known."""
    assert checkpoint_of("2FA") is Checkpoint.TWO_FACTOR
    assert checkpoint_of("CAPTCHA") is None
    assert checkpoint_of("") is None
