"""Every method says what a caller must be allowed to do."""

from campaign_api.servicers.permissions import permission_by_method


def test_every_method_declares_a_permission() -> None:
    """None is open by oversight."""
    permissions = permission_by_method()

    assert permissions["/outreach.campaign.v1.CampaignService/StartCampaign"] == "campaigns.control"
    assert len(permissions) == 22
    assert all(permissions.values())
