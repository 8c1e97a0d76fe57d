"""Why a request that names itself is not served now."""

from servicekit.errors import AlreadyExists, Unavailable


class RequestIdReused(AlreadyExists):
    """The request id was used before for something else."""

    reason = "REQUEST_ID_REUSED"


class RequestUnderWay(Unavailable):
    """The same request is being served: ask again, and be told what came of it."""

    reason = "REQUEST_UNDER_WAY"
