"""All of `outreach webhooks`, put together."""

from outreach_client.commands.webhooks import changes, deliveries
from outreach_client.commands.webhooks.endpoints import app

for more in (changes, deliveries):
    app.add_typer(more.app)
