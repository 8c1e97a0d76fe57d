"""Lists that come in pages, for code that waits."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from outreach_client.services.pages import Pages

Page = TypeVar("Page", bound=Message)
Item = TypeVar("Item")
Wait = Callable[[Awaitable[Any]], Any]
Leave = Callable[[AsyncIterator[Any]], None]


class BlockingPages(Generic[Page, Item]):
    """A list: `for` goes through all of it, page by page as it comes; `page()` is one page."""

    def __init__(self, pages: Pages[Page, Item], wait: Wait, leave: Leave) -> None:
        self._pages = pages
        self._wait = wait
        self._leave = leave

    @property
    def sync_token(self) -> str:
        """From where who follows what changes goes on the next time."""
        return self._pages.sync_token

    @property
    def removed(self) -> list[Any]:
        """What the pages up to now told to be in the list no more."""
        return self._pages.removed

    def page(self) -> Page:
        """The page that is asked for."""
        page: Page = self._wait(self._pages)
        return page

    def pages(self) -> Iterator[Page]:
        """Each page as it is answered; one may be short, or empty, and not the last."""
        return waited_for(self._pages.pages(), self._wait, self._leave)

    def __iter__(self) -> Iterator[Item]:
        return waited_for(aiter(self._pages), self._wait, self._leave)


def waited_for(answers: AsyncIterator[Any], wait: Wait, leave: Leave) -> Iterator[Any]:
    """What is awaited, one after the other; left when whoever asks has seen enough."""
    try:
        while True:
            try:
                answer = wait(anext(answers))
            except StopAsyncIteration:
                return
            yield answer
    finally:
        leave(answers)
