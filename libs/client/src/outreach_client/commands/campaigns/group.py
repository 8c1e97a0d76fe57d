"""All of `outreach campaigns`, put together."""

from outreach_client.commands.campaigns import edits, launch, revisions, runs, texts
from outreach_client.commands.campaigns.campaigns import app

for more in (launch, runs, edits, revisions, texts):
    app.add_typer(more.app)
