"""servicekit.rehearsals.answers: what nobody could use is not told."""

from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2
from servicekit.rehearsals.answers import blanked


def test_what_is_made_anew_is_left_out() -> None:
    """Etags and secrets, and the ids of what was made, wherever they stand; nothing else."""
    campaign = campaign_pb2.Campaign(
        campaign_id="camp_new", etag="abc", name="Spring", account_ids=["acct_1", "camp_new"]
    )
    answer = pb.CreateCampaignResponse(campaign=campaign)

    blanked(answer, {"camp_new"})

    left = campaign_pb2.Campaign(name="Spring", account_ids=["acct_1"])
    assert answer.campaign == left


def test_what_was_there_keeps_its_id() -> None:
    """A request that made it before is answered with it, less its secret."""
    answer = webhook_service_pb2.CreateEndpointResponse(
        endpoint=webhook_service_pb2.Endpoint(endpoint_id="ep_1"), secret="invented"
    )

    blanked(answer, {"ep_2"})

    assert (answer.endpoint.endpoint_id, answer.secret) == ("ep_1", "")
