"""One table of deadlines, the contract's: nobody leaves before the answer that was promised."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from campaign_api.settings import Settings as CampaignApiSettings
from google.protobuf.descriptor import MethodDescriptor
from linkedin_gateway.settings import ACTIONS_ANSWER_WITHIN
from linkedin_gateway.settings import Settings as GatewaySettings
from linkedin_gateway.storage.stops import IN_FORCE_WITHIN
from outreach.common.v1 import deadline_pb2
from outreach_worker.deadlines import GATEWAY_DEADLINE
from outreach_worker.policies import CALL_OFF, CONTROL, waiting_for_turn
from servicekit.clock import Clock
from servicekit.grpc.deadlines import MARGIN, promised_in

from tests.protos import methods

PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)

_CAMPAIGNS = "/outreach.campaign.v1.CampaignService"
_GATEWAY = "/outreach.linkedin.v1"
SIGNAL = CampaignApiSettings.model_fields["call_timeout"].default
"""A signal to a campaign's workflow."""
INSIDE: Mapping[str, tuple[str, ...]] = {
    f"{_CAMPAIGNS}/PauseCampaign": (f"{_GATEWAY}.HoldService/PutHold",),
    f"{_CAMPAIGNS}/ResumeCampaign": (f"{_GATEWAY}.HoldService/LiftHold",),
    f"{_CAMPAIGNS}/StopCampaign": (f"{_GATEWAY}.HoldService/PutHold",),
    f"{_CAMPAIGNS}/DeleteCampaign": (f"{_GATEWAY}.HoldService/PutHold",),
    f"{_CAMPAIGNS}/StartCampaign": (f"{_GATEWAY}.AccountService/ListAccounts",),
}
"""What a method waits for one after the other, beside one signal."""


def name(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def promise(method: str) -> timedelta:
    found = PROMISE_OF(method)
    assert found is not None, method
    return found


ANSWERING = [method for method in methods() if not method.server_streaming]


@pytest.mark.parametrize("method", ANSWERING, ids=name)
def test_every_method_says_within_which_time_it_answers(method: MethodDescriptor) -> None:
    """A method without a promise would have callers that guess."""
    assert promise(name(method)) > timedelta(0)


@pytest.mark.parametrize("outer", INSIDE)
def test_a_promise_has_room_for_those_it_rests_on(outer: str) -> None:
    """Whoever calls another service before it answers promises no less than that one does."""
    inside = sum((promise(inner) + MARGIN for inner in INSIDE[outer]), start=SIGNAL)

    assert promise(outer) >= inside


def test_a_hold_is_in_force_long_before_its_caller_gives_up() -> None:
    """A connection, the writing, the waiting and the naming of what is in the way."""
    assert promise(f"{_GATEWAY}.HoldService/PutHold") >= 3 * IN_FORCE_WITHIN


def test_one_request_of_linkedin_fits_into_the_calls_that_make_one() -> None:
    """What the gateway promises of an action lasts longer than the call that it makes for it."""
    unipile = GatewaySettings.model_fields["unipile_timeout"].default
    for method in ("PerformAction", "CancelAction"):
        assert promise(f"{_GATEWAY}.ActionService/{method}") > unipile
    assert promise(f"{_GATEWAY}.SignInService/ConnectAccount") > 2 * unipile


def test_a_drain_lasts_as_long_as_what_is_promised() -> None:
    """What the gateway's settings hold its grace to is what its contract says of actions."""
    promised = [
        promise(f"{_GATEWAY}.ActionService/{name}") for name in ("PerformAction", "CancelAction")
    ]

    assert max(promised) == ACTIONS_ANSWER_WITHIN


def test_an_activity_outlasts_every_call_of_the_gateway() -> None:
    """The gateway's word is heard: no attempt ends before the slowest of the methods it calls."""
    called = [
        promise(f"{_GATEWAY}.{method}")
        for method in (
            "ActionService/PerformAction",
            "ActionService/CancelAction",
            "ActionService/EndLead",
            "HoldService/PutHold",
            "HoldService/LiftHold",
            "PersonService/GetProfile",
        )
    ]

    assert max(called) + MARGIN <= GATEWAY_DEADLINE
    for options in (waiting_for_turn(Clock.real_time()), CALL_OFF, CONTROL):
        assert options["start_to_close_timeout"] > GATEWAY_DEADLINE
