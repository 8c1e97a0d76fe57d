"""All of `outreach webhooks`, put together."""

from outreach_client.commands.webhooks import deliveries
from outreach_client.commands.webhooks.endpoints import app

for more in (deliveries,):
    app.add_typer(more.app)
