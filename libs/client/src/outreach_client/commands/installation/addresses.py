"""`outreach open`: where a browser finds what."""

import os
from typing import Annotated
from urllib.parse import quote

import typer

from outreach_client.commands.groups import group
from outreach_client.formats.facts import print_facts
from outreach_client.profiles.profiles import read_profiles
from outreach_client.profiles.used import used_profile
from outreach_client.session import AsJson, refuse

app = group()

_NAMESPACE = "default"


@app.command("open")
def open_(
    campaign_id: Annotated[
        str, typer.Argument(help="For example camp_01j9z3k4x5; without, everything's.")
    ] = "",
    lead_id: Annotated[str, typer.Argument(help="A lead of it.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Print the addresses of pages and of Temporal's web interface, to be clicked."""
    del as_json
    pages, temporal = _setting("pages_address"), _setting("temporal_ui_address")
    if not (pages or temporal):
        refuse(
            "nobody said where pages are: outreach config set temporal_ui_address http://…, or"
            " pages_address; OUTREACH_TEMPORAL_UI_ADDRESS, OUTREACH_PAGES_ADDRESS"
        )
    rows = []
    if pages:
        what = f"/campaigns/{quote(campaign_id)}" if campaign_id else "/"
        rows.append({"page": "pages", "address": f"{pages.rstrip('/')}{what}"})
    if temporal:
        rows.append({"page": "Temporal", "address": _workflow(temporal, campaign_id, lead_id)})
    print_facts(rows, name="address")


def _workflow(ui: str, campaign_id: str, lead_id: str) -> str:
    namespace = os.environ.get("TEMPORAL_NAMESPACE") or _NAMESPACE
    workflows = f"{ui.rstrip('/')}/namespaces/{quote(namespace)}/workflows"
    if not campaign_id:
        return workflows
    workflow = f"lead/{campaign_id}/{lead_id}" if lead_id else f"campaign/{campaign_id}"
    return f"{workflows}/{quote(workflow, safe='')}"


def _setting(name: str) -> str:
    given = os.environ.get(f"OUTREACH_{name}".upper(), "")
    try:
        return given or read_profiles().of(used_profile()).get(name, "")
    except (ValueError, OSError) as error:
        refuse(str(error), error)
