"""Protos <-> models of releases; refused by field."""

from collections import Counter

from campaigns.repositories.admission.release import Release, ToRelease
from outreach.campaign.v1 import lead_service_pb2 as pb

from campaign_api.convert.instants import timestamp
from campaign_api.errors import InvalidFields, invalid, required


def release_from_proto(request: pb.ReleaseLeadsRequest) -> list[ToRelease]:
    """Whom to release; raises `InvalidFields` if one is named twice."""
    times = Counter(each.lead_id for each in request.leads)
    twice = [
        invalid(f"leads[{place}].lead_id", "It is named more than once.")
        for place, each in enumerate(request.leads)
        if times[each.lead_id] > 1
    ]
    if twice:
        raise InvalidFields(twice)
    return [
        ToRelease(
            lead_id=each.lead_id,
            account_id=each.account_id,
            rank=each.rank if each.HasField("rank") else None,
        )
        for each in request.leads
    ]


def release_to_proto(release: Release) -> pb.ReleaseLeadsResponse:
    """What became of each, in the order in which they were asked for."""
    return pb.ReleaseLeadsResponse(
        leads=[
            pb.ReleasedLead(
                lead_id=lead_id, result=pb.LeadReleaseResult.Value(f"LEAD_RELEASE_RESULT_{answer}")
            )
            for lead_id, answer in zip(release.lead_ids, release.answers, strict=True)
        ],
        release_time=timestamp(release.released_at),
    )


def require_subject(request: pb.WithdrawLeadsRequest) -> None:
    """Raises `InvalidFields` if neither a release nor a lead is named."""
    if not request.release_id and not request.lead_ids:
        raise InvalidFields([required("release_id")])
