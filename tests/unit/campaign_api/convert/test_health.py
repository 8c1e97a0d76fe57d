"""Who polls is told by service and build, each replica once."""

from campaign_api.convert.workflows.health import workers_to_proto


def test_replicas_of_one_build_are_counted() -> None:
    """However many pollers each has; who is called otherwise is of no build."""
    found = [
        *workers_to_proto(
            [
                "outreach-worker/0.1.0+4f2a 1@a",
                "outreach-worker/0.1.0+4f2a 1@a",
                "outreach-worker/0.1.0+4f2a 1@b",
                "outreach-worker/0.2.0 1@c",
                "17@somebody",
            ]
        )
    ]

    assert [(each.version, each.revision, each.replicas) for each in found] == [
        ("0.1.0", "4f2a", 2),
        ("0.2.0", "", 1),
    ]
    assert {each.service for each in found} == {"outreach-worker"}
