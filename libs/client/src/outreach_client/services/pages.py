"""Lists that come in pages."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

Page = TypeVar("Page", bound=Message)
Item = TypeVar("Item")

_MOST_OF_A_PAGE = 1000
"""Rows that a list answers with at once."""
_MORE = "more_changes"
_REMOVED_AT = "delete_time"
_OF_THE_LAST = frozenset({"next_page_token", _MORE})
"""What one page says of itself."""


class Pages(Generic[Page, Item]):
    """A list: `async for` goes through all of it, page by page as it comes; `await` is one page.

    Who follows what changes (`updated_since`, `sync_token`) is told all of it up to now; from where
    the next time goes on is then in `sync_token`, and what was taken out is in `removed`. An item
    may be in both: what is in `removed` is no more, but for what came again on a later page.
    """

    def __init__(
        self,
        ask: Callable[[Message], Awaitable[Page]],
        request: Message,
        items: str,
        removed: str = "",
    ) -> None:
        self._ask = ask
        self._request = request
        self._items = items
        self._removed = removed
        self.sync_token = ""
        self.removed: list[Any] = []
        """What the pages up to now told to be in the list no more."""

    def __await__(self) -> Generator[Any, None, Page]:
        return self._ask(self._request).__await__()

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in getattr(page, self._items):
                yield item

    async def pages(self) -> AsyncIterator[Page]:
        """Each page as it is answered; one may be short, or empty, and not the last."""
        request = type(self._request)()
        request.CopyFrom(self._request)
        self.sync_token, self.removed = "", []
        while True:
            page = await self._ask(request)
            self.removed = _still_gone(self.removed, getattr(page, self._items))
            self.removed += self._no_more(page)
            yield page
            if not self._turn(request, page):
                return

    async def gathered(self, limit: int | None = None) -> Page:
        """The pages as one, with as many items as there are, or `limit` of them, one at the least.

        Where there are more, its `next_page_token` leads to them. Raises `ValueError` for a limit
        under one.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"a limit of {limit}: as many as there are, or one at the least")
        request: Any = type(self._request)()
        request.CopyFrom(self._request)
        whole: Any = None
        left = limit
        while True:
            if left is not None:
                request.page_size = min(left, request.page_size or _MOST_OF_A_PAGE, _MOST_OF_A_PAGE)
            elif not request.page_size:
                request.page_size = _MOST_OF_A_PAGE
            page = await self._ask(request)
            if whole is None:
                whole = page
            else:
                for told in _OF_THE_LAST.intersection(whole.DESCRIPTOR.fields_by_name):
                    whole.ClearField(told)
                whole.MergeFrom(page)
            if left is not None:
                left -= len(getattr(page, self._items))
            if left == 0 or not self._turn(request, page):
                gathered: Page = whole
                return gathered

    def _no_more(self, page: Any) -> list[Any]:
        return [*getattr(page, self._removed)] if self._removed else []

    def _turn(self, request: Any, page: Any) -> bool:
        """Have the request ask for what follows the page; False where nothing does.

        Raises `RuntimeError` if that is the same page, which nobody would ever come past.
        """
        if page.next_page_token:
            if page.next_page_token == request.page_token:
                raise RuntimeError("A page leads to itself.")
            request.page_token = page.next_page_token
            return True
        self.sync_token = getattr(page, "next_sync_token", "")
        # Whoever does not see all of a list may be answered nothing of it, and not be at its end.
        goes_on = getattr(page, self._items) or self._no_more(page)
        if not self.sync_token or not (goes_on or getattr(page, _MORE, False)):
            return False
        request.ClearField("updated_since")
        request.page_token, request.sync_token = "", self.sync_token
        return True


def _still_gone(removed: list[Any], items: Any) -> list[Any]:
    """Without what is there again, where items are known by the fields that a removal has."""
    if not removed or not items:
        return removed
    known_by = {*removed[0].DESCRIPTOR.fields_by_name} - {_REMOVED_AT}
    if not known_by <= {*items[0].DESCRIPTOR.fields_by_name}:
        return removed
    there = [[getattr(item, name) for name in known_by] for item in items]
    return [each for each in removed if [getattr(each, name) for name in known_by] not in there]
