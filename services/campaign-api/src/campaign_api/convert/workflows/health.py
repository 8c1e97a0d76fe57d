"""Temporal itself."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple

from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import workflow_pb2 as pb
from servicekit.temporal.connection import WorkerBuild
from temporalio.api.enums.v1 import TaskQueueType

from campaign_api.workflows.health import QueueSeen, TemporalAway, TemporalSeen

_KINDS = {
    TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW: pb.TASK_QUEUE_KIND_WORKFLOW,
    TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY: pb.TASK_QUEUE_KIND_ACTIVITY,
}


def health_to_proto(seen: TemporalSeen | TemporalAway) -> pb.TemporalHealth:
    """What was seen of Temporal."""
    told = pb.TemporalHealth(
        address=seen.address, namespace=seen.namespace, encrypted=seen.encrypted
    )
    if isinstance(seen, TemporalAway):
        told.why_unreachable = seen.why
        return told
    told.reachable = True
    told.server_version = seen.server_version
    told.persistence_store = seen.cluster.persistence_store
    told.visibility_store = seen.cluster.visibility_store
    told.retention.CopyFrom(seen.described.config.workflow_execution_retention_ttl)
    told.latency.FromTimedelta(seen.latency)
    for name, known in seen.registered:
        told.search_attributes.add(name=name, registered=known)
    told.task_queues.extend(map(_queue, seen.queues))
    return told


def _queue(seen: QueueSeen) -> pb.TaskQueueHealth:
    answer, is_told = seen.answer, seen.answer.HasField("stats")
    return pb.TaskQueueHealth(
        name=seen.name,
        kind=_KINDS[seen.kind],
        pollers=len(answer.pollers),
        poll_time=_latest([each.last_access_time for each in answer.pollers]),
        backlog_tasks=answer.stats.approximate_backlog_count if is_told else None,
        backlog_age=answer.stats.approximate_backlog_age if is_told else None,
        workers=workers_to_proto(each.identity for each in answer.pollers),
    )


def workers_to_proto(identities: Iterable[str]) -> Iterator[pb.WorkerHealth]:
    """By what each is called; who is called otherwise is left out."""
    found = Counter(build for each in set(identities) if (build := WorkerBuild.of(each)))
    for build, replicas in sorted(found.items(), key=lambda item: astuple(item[0])):
        yield pb.WorkerHealth(
            service=build.service,
            version=build.version,
            revision=build.revision,
            replicas=replicas,
        )


def _latest(times: list[Timestamp]) -> Timestamp | None:
    return max(times, key=lambda each: (each.seconds, each.nanos), default=None)
