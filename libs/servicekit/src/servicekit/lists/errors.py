"""Why a list refuses to be asked: each names the field of the request and what would be served."""

from collections.abc import Mapping

from servicekit.errors import BadInput, FieldViolation


class FilterInvalid(BadInput):
    """The filter cannot be read; the metadata's `position` says where, in characters from 1."""

    reason = "FILTER_INVALID"

    def __init__(self, description: str, *, at: int) -> None:
        super().__init__(
            [FieldViolation("filter", f"{description} (at character {at + 1})", self.reason)],
            metadata={"position": str(at + 1)},
        )


class FilterNotSupported(BadInput):
    """The list does not serve this filter; the metadata says which fields and operators it does."""

    reason = "FILTER_NOT_SUPPORTED"

    def __init__(self, description: str, *, served: Mapping[str, str]) -> None:
        super().__init__(
            [FieldViolation("filter", description, self.reason)], metadata=dict(served)
        )


class OrderNotSupported(BadInput):
    """The list does not serve this order; the metadata's `orders` says which it does."""

    reason = "ORDER_NOT_SUPPORTED"

    def __init__(self, description: str, *, orders: str) -> None:
        super().__init__(
            [FieldViolation("order_by", description, self.reason)], metadata={"orders": orders}
        )


class PageTokenInvalid(BadInput):
    """The page token was not given out by this list, for this filter, order and organization."""

    reason = "PAGE_TOKEN_INVALID"

    def __init__(self, field: str = "page_token") -> None:
        super().__init__(
            [FieldViolation(field, "This is not a token of this list, so asked.", self.reason)]
        )
