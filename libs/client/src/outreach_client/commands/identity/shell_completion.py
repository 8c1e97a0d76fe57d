"""`outreach completion`."""

from typing import Annotated

import typer

from outreach_client.commands.groups import group
from outreach_client.completion.shells import Shell, script

app = group()


@app.command()
def completion(
    shell: Annotated[Shell, typer.Argument(help="Whose script it is to be.")],
) -> None:
    """Print what teaches a shell to complete: `source <(outreach completion bash)`."""
    typer.echo(script(shell), nl=False)
