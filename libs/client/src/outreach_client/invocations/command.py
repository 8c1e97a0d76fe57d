"""A command of `outreach`: what it is given, beside its own options, is the same everywhere."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from outreach_client.formats.asked import Asked, running
from outreach_client.formats.shown import Format
from outreach_client.invocations.endings import leave_standard_output
from outreach_client.profiles.profiles import chosen, read_profiles

_FORMATS = "|".join(Format)


def _format(text: Any) -> Any:
    if not isinstance(text, str) or isinstance(text, Format):
        return text
    try:
        return Format(text)
    except ValueError as error:
        told = f"{text!r} is not one of {', '.join(Format)}"
        if text.startswith("org_"):
            told += f". -o says how answers are shown; an organization is --organization {text}"
        raise typer.BadParameter(told) from error


def _every(
    *,
    profile: Annotated[
        str, typer.Option("--profile", metavar="PROFILE", help="Instead of the one in use.")
    ] = "",
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    del profile, debug


def _answering(
    *,
    output: Annotated[
        Format | None,
        typer.Option(
            "--output",
            "-o",
            parser=_format,
            metavar=_FORMATS,
            help="How the answer is shown; a table unless given.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print ids alone, as -o name.")
    ] = False,
) -> None:
    del output, quiet


def _listing(
    *,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="So many rows, from as many pages.")
    ] = None,
    all_rows: Annotated[bool, typer.Option("--all", help="Every row there is.")] = False,
) -> None:
    del limit, all_rows


@cache
def _shared(answers: bool, lists: bool) -> tuple[Any, ...]:  # noqa: FBT001 - two facts, one key
    kinds = [*([_listing] if lists else []), *([_answering] if answers else []), _every]
    return tuple(option for kind in kinds for option in _options_of(kind))


def _options_of(function: Any) -> list[Any]:
    """The options that a command of this function would have."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(function)
    return get_command(app).params


class Command(TyperCommand):
    """One of them."""

    def __init__(self, name: str | None, **given: Any) -> None:
        super().__init__(name, **given)
        own = {param.name for param in self.params}
        offered = _shared("as_json" in own, "page_token" in own)
        self.shared = [each for each in offered if each.name not in own]
        self.params = [*self.params, *self.shared]

    def invoke(self, ctx: Any) -> Any:
        """Run it; what every command has is taken out of what its function is given.

        Raises `Exit` with 0 where nobody reads the output any more.
        """
        options = _taken(ctx, {str(each.name) for each in self.shared})
        if options.output is not None and options.output.for_programs:
            ctx.params["as_json"] = True
        elif ctx.params.get("as_json"):
            options = replace(options, output=Format.JSON)
        _refuse_what_is_no_text(ctx.params)
        with running(options):
            try:
                return self._with_ids(ctx, options)
            except BrokenPipeError as error:
                # Whoever read the output has seen enough.
                leave_standard_output()
                raise typer.Exit(0) from error

    def _with_ids(self, ctx: Any, options: Asked) -> Any:
        """Run it with ids in the place of names, and remember what it was about."""
        from outreach_client.names.resolution import note, resolve  # noqa: PLC0415 - not for help
        from outreach_client.profiles.used import used_profile  # noqa: PLC0415

        profile = used_profile()
        resolve(ctx.params, declared=ctx.params, profile=profile)
        result = super().invoke(ctx)
        note(ctx.params, options.answers, profile)
        return result

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is not given is what the environment says, and then the profile."""
        if not ctx.resilient_parsing:
            ctx.default_map = _of_profile(self.params, _profile_in(args, ctx))
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Tell its own options first, and those of every command below."""
        own, self.params = self.params, [p for p in self.params if p not in self.shared]
        try:
            super().format_options(ctx, formatter)
        finally:
            self.params = own
        with formatter.section("Options of every command"):
            records = (each.get_help_record(ctx) for each in self.shared)
            formatter.write_dl([each for each in records if each is not None])


PROFILE = "outreach.profile"
"""Where the profile stands that is named before a command."""


def _profile_in(args: list[str], ctx: Any) -> str:
    """The profile that is named among arguments, before they are understood."""
    for place, word in enumerate(args):
        if word == "--profile":
            return next(iter(args[place + 1 : place + 2]), "")
        if word.startswith("--profile="):
            return word.partition("=")[2]
    return str(ctx.meta.get(PROFILE, ""))


def _of_profile(params: list[Any], named: str) -> dict[str, Any]:
    """What a profile says of a command's options; nothing where none can be read."""
    if not any(_ORGANIZATION in (each.envvar or ()) for each in params):
        return {}
    try:
        found = read_profiles().of(chosen(named)).get("organization")
    except (ValueError, OSError):
        return {}
    return {"organization": found} if found else {}


_ORGANIZATION = "OUTREACH_ORGANIZATION"


def _taken(ctx: Any, names: set[str]) -> Asked:
    params = ctx.params
    taken = {name: params.pop(name, None) for name in names}
    output = taken.get("output")
    if taken.get("quiet"):
        output = Format.NAME
    return Asked(
        output=_format(output) if output is not None else None,
        limit=taken.get("limit"),
        all_rows=bool(taken.get("all_rows")),
        profile=taken.get("profile") or str(ctx.meta.get(PROFILE, "")),
    )


def _refuse_what_is_no_text(params: dict[str, Any]) -> None:
    """Raises `BadParameter` for bytes that are no UTF-8; a file may be called so."""
    for name, value in params.items():
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, Path) or not isinstance(each, str):
                continue
            if any("\ud800" <= letter <= "\udfff" for letter in each):
                shown = name.replace("_", "-")
                raise typer.BadParameter(f"{shown} is no text in UTF-8: {each!r}")
