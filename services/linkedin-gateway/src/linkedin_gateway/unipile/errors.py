"""How a call of Unipile fails."""

from __future__ import annotations

from datetime import timedelta

from linkedin_gateway.unipile.error_table import ErrorClass, Meaning


class UnipileError(Exception):
    """Unipile did not do as asked, or did not say."""

    def __init__(
        self,
        told: Meaning,
        *,
        status: int = 0,
        error_type: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{status or 'no answer'} {error_type} ({told.error_class.value})".strip())
        self.meaning = told
        self.status = status
        self.error_type = error_type
        self.retry_after = retry_after

    @property
    def error_class(self) -> ErrorClass:
        return self.meaning.error_class


class ListUnfinished(UnipileError):
    """A list did not end: what was not in its pages may be in those that were not read."""

    def __init__(self, error_type: str) -> None:
        super().__init__(
            Meaning(ErrorClass.INDETERMINATE, "PROVIDER_UNAVAILABLE"), error_type=error_type
        )
