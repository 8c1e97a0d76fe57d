"""What is called by a name, and which arguments and options of commands name it."""

from collections.abc import Mapping
from enum import StrEnum

LAST = "@last"
"""What was made or shown last of its kind."""


class Noun(StrEnum):
    """A kind of thing, by what its ids begin with."""

    CAMPAIGN = "camp_"
    ACCOUNT = "acct_"
    ENDPOINT = "ep_"
    LEAD_LIST = "list_"
    LEAD = "lead_"
    IMPORT = "imp_"
    KEY = "key_"
    MEMBER = "mem_"

    @property
    def plural(self) -> str:
        """For sentences."""
        return f"{self.name.lower().replace('_', ' ')}s"


NAMED = (Noun.CAMPAIGN, Noun.ACCOUNT, Noun.ENDPOINT, Noun.LEAD_LIST)
"""Those that are looked up by their names; of the others there is `@last` alone."""

NOUNS_OF_PARAMETER: Mapping[str, tuple[Noun, ...]] = {
    "campaign_id": (Noun.CAMPAIGN,),
    "campaign": (Noun.CAMPAIGN,),
    "account_id": (Noun.ACCOUNT,),
    "account": (Noun.ACCOUNT,),
    "accounts": (Noun.ACCOUNT,),
    "account_ids": (Noun.ACCOUNT,),
    "sender": (Noun.ACCOUNT,),
    "replacement": (Noun.ACCOUNT,),
    "endpoint_id": (Noun.ENDPOINT,),
    "endpoint": (Noun.ENDPOINT,),
    "lead_list_id": (Noun.LEAD_LIST,),
    "into": (Noun.CAMPAIGN, Noun.LEAD_LIST),
    "lead_id": (Noun.LEAD,),
    "lead": (Noun.LEAD,),
    "import_id": (Noun.IMPORT,),
    "operation_id": (Noun.IMPORT,),
    "key": (Noun.KEY,),
    "member": (Noun.MEMBER,),
}
"""By the parameter's name in a command's function."""


def noun_of(value: str) -> Noun | None:
    """The kind of thing that an id is of; None for what is no id."""
    return next((noun for noun in Noun if value.startswith(noun) and len(value) > len(noun)), None)


def is_meant_by_name(value: str, nouns: tuple[Noun, ...]) -> bool:
    """Whether it must be looked up: ids never are."""
    return bool(value) and noun_of(value) is None and any(noun in NAMED for noun in nouns)
