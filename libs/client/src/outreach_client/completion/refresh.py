"""Read names for completion: `python -m outreach_client.completion.refresh PROFILE`."""

import os
import sys
from typing import Any

from outreach_client import conversation
from outreach_client.formats.asked import Asked, running
from outreach_client.names.lookup import organization_of, read_names
from outreach_client.names.memory import note_names
from outreach_client.names.nouns import NAMED, Noun
from outreach_client.profiles.profiles import read_profiles


def refresh(profile: str) -> None:
    """Remember every name of the profile's organization; raises what a command would."""
    given = os.environ.get("OUTREACH_ORGANIZATION")
    given = given or read_profiles().of(profile).get("organization", "")

    async def read(client: Any) -> dict[Noun, dict[str, str]]:
        organization = await organization_of(client, given)
        return {noun: await read_names(client, noun, organization) for noun in NAMED}

    with running(Asked(profile=profile)):
        for noun, named in conversation.ask(read, signs_in=True).items():
            note_names(profile, noun, named)


if __name__ == "__main__":
    refresh(sys.argv[1])
