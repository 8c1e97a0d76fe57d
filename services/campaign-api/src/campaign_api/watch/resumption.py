"""What a watcher of a campaign was told last, as a token that they come back with."""

from campaigns.models import Campaign
from servicekit.lists.errors import PageTokenInvalid
from servicekit.page_tokens import PageTokenForeign, PageTokens


class WatchTokens:
    """Signs the digest of a status; it says what was told, and to whom it is of use."""

    def __init__(self, tokens: PageTokens) -> None:
        self._tokens = tokens

    async def token(self, campaign: Campaign, digest: str) -> str:
        """The token of who was told the status that has this digest."""
        return await self._tokens.give([digest], of=_of(campaign))

    async def told(self, campaign: Campaign, token: str) -> str:
        """The same token; empty where nothing was told.

        Raises `PageTokenInvalid` for one that is not of this campaign.
        """
        if not token:
            return ""
        try:
            await self._tokens.read(token, of=_of(campaign))
        except PageTokenForeign:
            raise PageTokenInvalid("resume_token") from None
        return token


def _of(campaign: Campaign) -> tuple[str, ...]:
    return ("watch", campaign.organization_id, campaign.id)
