"""Python client of the outreach engine and its command line."""

from outreach_client.client import OutreachClient
from outreach_client.settings import Settings

__all__ = ["OutreachClient", "Settings"]
