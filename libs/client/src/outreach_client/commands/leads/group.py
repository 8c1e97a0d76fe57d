"""All of `outreach leads`, put together."""

from outreach_client.commands.leads import trace, verbs
from outreach_client.commands.leads.leads import app

for more in (trace, verbs):
    app.add_typer(more.app)
