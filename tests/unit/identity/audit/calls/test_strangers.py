"""Of what strangers are refused a bounded part is recorded, and the rest is counted, once."""

from dataclasses import dataclass

from identity.audit.calls.strangers import LEFT_OUT, MOST, MOST_OF_AN_ADDRESS, WINDOW, Strangers
from identity.audit.metrics import Metrics
from prometheus_client import CollectorRegistry


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def strangers(clock: Clock | None = None) -> Strangers:
    return Strangers("a-service", Metrics(CollectorRegistry()), now=clock or Clock())


def recorded(of: Strangers, addresses: list[str]) -> int:
    return [of.admit(address) for address in addresses].count(True)


def test_one_address_takes_no_others_room() -> None:
    """A flood from one place leaves the records of every other place."""
    some = strangers()

    assert recorded(some, ["10.0.0.1"] * 1_000) == MOST_OF_AN_ADDRESS
    assert recorded(some, ["10.0.0.2"] * 5) == 5


def test_all_addresses_together_are_bounded() -> None:
    """Whoever has a million addresses fills the database no faster."""
    some = strangers()

    assert recorded(some, [f"10.1.{n // 250}.{n % 250}" for n in range(2_000)]) == MOST


def test_a_network_of_ones_own_is_one_address() -> None:
    """Whoever has an IPv6 address has 2**64 of them."""
    some = strangers()

    assert recorded(some, [f"2001:db8::{n:x}" for n in range(100)]) == MOST_OF_AN_ADDRESS
    assert recorded(some, ["2001:db8:1::1"]) == 1


def test_the_next_window_has_room_again() -> None:
    """What goes on is seen to go on."""
    clock = Clock()
    some = strangers(clock)
    recorded(some, ["10.0.0.1"] * 1_000)
    clock.now += WINDOW.total_seconds()

    assert recorded(some, ["10.0.0.1"] * 1_000) == MOST_OF_AN_ADDRESS


def test_what_was_left_out_is_told_once() -> None:
    """One record of how many, with the address where it was one; nothing where there was none."""
    some = strangers()
    recorded(some, ["10.0.0.1"] * (MOST_OF_AN_ADDRESS + 7))
    told, again = some.left_out(), some.left_out()

    assert told is not None
    assert (told.reason, told.resource, told.address) == (LEFT_OUT, "refusals/7", "10.0.0.1")
    assert again is None


def test_of_several_addresses_none_is_named() -> None:
    """It would be taken for the one that did it all."""
    some = strangers()
    recorded(some, [f"10.0.0.{n % 3}" for n in range(3 * MOST_OF_AN_ADDRESS + 9)])
    told = some.left_out()

    assert told is not None
    assert (told.resource, told.address) == ("refusals/9", "")
