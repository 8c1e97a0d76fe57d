"""What can be wrong with a request about models."""

from servicekit.errors import FailedPrecondition, NotFound


class ModelNotFound(NotFound):
    """There is no such model."""

    reason = "MODEL_NOT_FOUND"


class ModelNotPromotable(FailedPrecondition):
    """The model may not rank; its card says why."""

    reason = "MODEL_NOT_PROMOTABLE"


class ChampionChanged(FailedPrecondition):
    """Another model was promoted meanwhile, and stays."""

    reason = "CHAMPION_CHANGED"


class NobodyFitsModels(FailedPrecondition):
    """No worker fits models.

    Run one outreach-worker with OUTREACH_WORKER_TRAINING=here, and the others with elsewhere.
    """

    reason = "NOBODY_FITS_MODELS"
