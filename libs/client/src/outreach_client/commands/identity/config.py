"""`outreach config …`: profiles, for who has more than one place or organization."""

from typing import Annotated

import typer

from outreach_client.commands.groups import group
from outreach_client.formats.facts import print_facts
from outreach_client.formats.output import console
from outreach_client.profiles.profiles import (
    SETTINGS,
    Profiles,
    is_name,
    key_file,
    profiles_file,
    read_profiles,
    write_profiles,
)
from outreach_client.profiles.used import used_profile
from outreach_client.session import AsJson, confirm, refuse
from outreach_client.session import Yes as YesOption

app = group("Config: profiles, each with addresses, an organization and a key of its own.")

Name = Annotated[str, typer.Argument(metavar="PROFILE", help="What it is called.")]
Setting = Annotated[str, typer.Argument(metavar="SETTING", help=f"One of: {', '.join(SETTINGS)}.")]


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List profiles; the one in use has a star."""
    del as_json
    known = _known()
    names = sorted({known.used, *known.settings})
    rows = [
        {
            "used": "*" if name == known.used else "",
            "profile": name,
            "campaign_api_address": known.of(name).get("campaign_api_address", ""),
            "organization": known.of(name).get("organization", ""),
            "signed_in": key_file(name).exists(),
        }
        for name in names
    ]
    print_facts(rows, name="profile")


@app.command()
def show(*, as_json: AsJson = False) -> None:
    """Show the settings of a profile, and where each comes from."""
    del as_json
    import os  # noqa: PLC0415 - as small as this command

    name, known = used_profile(), _known()
    rows = []
    for setting in SETTINGS:
        variable = f"OUTREACH_{setting}".upper()
        value, source = known.of(name).get(setting, ""), f"profile {name}"
        if os.environ.get(variable):
            value, source = os.environ[variable], variable
        if value:
            rows.append({"setting": setting, "value": value, "from": source})
    print_facts(rows, name="setting", empty=f"profile {name}: everything is as by default")


@app.command()
def use(name: Name) -> None:
    """Have every command use a profile from now on, unless --profile names another."""
    known = _known()
    if name != known.used and name not in known.settings:
        there = ", ".join(sorted(known.settings)) or "none"
        refuse(f"there is no profile {name!r}; there are: {there}. `config set` makes one")
    known.used = name
    _keep(known)
    console().print(f"{name} is used from now on")


@app.command("set")
def set_(
    setting: Setting,
    value: Annotated[str, typer.Argument(help="What it is to be.")],
) -> None:
    """Set something in the profile in use, or in the one of --profile, which may be new."""
    _refuse_what_is_none(setting)
    known, name = _known(), used_profile()
    if not is_name(name):
        refuse(f"{name!r} is no name of a profile: letters, digits, dots, dashes, at most 64")
    if not value:
        refuse(f"to take it away: outreach config unset {setting}")
    known.settings.setdefault(name, {})[setting] = value
    _keep(known)
    console().print(f"{setting} is {value} in profile {name}")


@app.command()
def unset(setting: Setting) -> None:
    """Take a setting out of a profile; then it is as by default."""
    _refuse_what_is_none(setting)
    known, name = _known(), used_profile()
    known.settings.get(name, {}).pop(setting, None)
    _keep(known)
    console().print(f"{setting} is as by default in profile {name}")


@app.command()
def delete(name: Name, yes: YesOption = False) -> None:  # noqa: FBT002 - typer's
    """Forget a profile, and the API key that `login` has kept for it."""
    known = _known()
    if name not in known.settings and not key_file(name).exists():
        refuse(f"there is no profile {name!r}")
    confirm(f"Forgets profile {name} and its API key on this machine.", yes=yes)
    known.settings.pop(name, None)
    if known.used == name:
        known.used = Profiles().used
    _keep(known)
    key_file(name).unlink(missing_ok=True)
    console().print(f"{name} is forgotten")


def _known() -> Profiles:
    try:
        return read_profiles()
    except (ValueError, OSError) as error:
        refuse(str(error), error)


def _keep(profiles: Profiles) -> None:
    try:
        write_profiles(profiles)
    except OSError as error:
        refuse(f"{profiles_file()}: {error.strerror}", error)


def _refuse_what_is_none(setting: str) -> None:
    if setting not in SETTINGS:
        refuse(f"{setting!r} is no setting of a profile. There are: {', '.join(SETTINGS)}")
