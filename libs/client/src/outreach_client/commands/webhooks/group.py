"""All of `outreach webhooks`, put together."""

from outreach_client.commands.webhooks import changes, deliveries, history, receiving
from outreach_client.commands.webhooks.endpoints import app

for more in (changes, deliveries, history, receiving):
    app.add_typer(more.app)
