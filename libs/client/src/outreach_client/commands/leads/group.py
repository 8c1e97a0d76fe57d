"""All of `outreach leads`, put together."""

from outreach_client.commands.leads import verbs
from outreach_client.commands.leads.leads import app

app.add_typer(verbs.app)
