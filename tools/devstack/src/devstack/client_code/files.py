"""What is written for callers, and where: of gRPC, of the client's types, of the command line."""

from collections.abc import Mapping
from pathlib import Path

import outreach_client
from outreach_client.channels import SERVICE_CONFIG
from outreach_client.completion.candidates import TABLE as COMMANDS
from outreach_client.services.members import MEMBERS, OF_EACH, Server

from devstack.api_reference import read_protos
from devstack.client_code import commands
from devstack.client_code.members import members_stub
from devstack.client_code.reasons import kinds_module, reasons, stub
from devstack.client_code.service_config import service_config, written

_CLIENT = Path(outreach_client.__file__).parent
_PAGE = _CLIENT.parents[3] / "docs/cli.md"
_BEGIN, _END = "    # Written from here\n", "    # to here.\n"


def written_files() -> Mapping[Path, str]:
    """Each file with what it should say; raises what the compiler of protos does."""
    members = (*MEMBERS.values(), *(of[Server.CAMPAIGN_API] for of in OF_EACH.values()))
    methods = [method for member in members for method in member.descriptor.methods]
    known = reasons(read_protos())
    table = _CLIENT / "errors/reasons.py"
    return {
        SERVICE_CONFIG: written(service_config(methods)),
        _CLIENT / "services/typed.pyi": members_stub(),
        _CLIENT / "errors/__init__.pyi": stub(known),
        table: _between(table.read_text(), kinds_module(known)),
        COMMANDS: commands.table(),
        _PAGE: commands.page(_PAGE.read_text()),
    }


def _between(text: str, body: str) -> str:
    """A text with another body between its marks."""
    head, _, rest = text.partition(_BEGIN)
    return f"{head}{_BEGIN}{body}{_END}{rest.partition(_END)[2]}"
