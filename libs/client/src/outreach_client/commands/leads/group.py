"""All of `outreach leads`, put together."""

from outreach_client.commands.leads import find, releases, trace, verbs
from outreach_client.commands.leads.leads import app

for more in (find, trace, verbs, releases):
    app.add_typer(more.app)
