"""What shells are told, and the scripts by which they ask."""

import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import assert_never

from outreach_client.completion import VARIABLE
from outreach_client.completion.candidates import candidates, read_table
from outreach_client.names.memory import age, names, note_attempt
from outreach_client.names.nouns import Noun
from outreach_client.profiles.profiles import DEFAULT, chosen, is_name

_FRESH_SECONDS = 60
"""Names that were read so long ago are read again, behind the back of who presses TAB."""


class Shell(StrEnum):
    """Those that are told how to ask."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_BASH = """\
_outreach() {
    local value told
    COMPREPLY=()
    while IFS=$'\\t' read -r value told; do
        COMPREPLY+=("$(printf '%q' "$value")")
    done < <(_OUTREACH_COMPLETE=1 "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -o default -F _outreach outreach
"""

_ZSH = """\
#compdef outreach
_outreach() {
    local -a values described
    local value told
    while IFS=$'\\t' read -r value told; do
        values+=("$value")
        described+=("${value}${told:+  -- ${told}}")
    done < <(_OUTREACH_COMPLETE=1 outreach "${(@Q)words[2,$CURRENT]}" 2>/dev/null)
    if (( ${#values} )); then
        compadd -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -l -d described -a values
    else
        _files
    fi
}
compdef _outreach outreach
"""

_FISH = """\
function __outreach_complete
    set -l words (commandline -opc) (commandline -ct)
    env _OUTREACH_COMPLETE=1 outreach $words[2..-1] 2>/dev/null
end
complete --command outreach --keep-order --arguments '(__outreach_complete)'
"""


def script(shell: Shell) -> str:
    """What a shell reads to learn how to ask."""
    match shell:
        case Shell.BASH:
            return _BASH
        case Shell.ZSH:
            return _ZSH
        case Shell.FISH:
            return _FISH
        case _:
            assert_never(shell)


def complete(words: Sequence[str]) -> None:
    """Print what could follow, a line for each: the text, a tab, what is told of it."""
    profile = _profile(words)
    asked: list[str] = []

    def remembered(noun: str) -> Mapping[str, str]:
        asked.append(noun)
        return names(profile, Noun(noun))

    plain = [*words[:-1], *(_unquoted(word) for word in words[-1:])]
    for each in candidates(plain, read_table(), remembered):
        text = " ".join(each.text.split("\n"))
        sys.stdout.write(f"{text}\t{' '.join(each.told.split())}\n")
    sys.stdout.flush()
    if asked and age(profile) > _FRESH_SECONDS:
        _refresh(profile)


def _unquoted(word: str) -> str:
    """As far as it is typed: a quote that is open yet, and what was escaped."""
    return word.removeprefix("'").removeprefix('"').replace("\\", "")


def _profile(words: Sequence[str]) -> str:
    named = next((words[at + 1] for at, w in enumerate(words[:-1]) if w == "--profile"), "")
    try:
        found = chosen(named)
    except (ValueError, OSError):
        return DEFAULT
    return found if is_name(found) else DEFAULT


def _refresh(profile: str) -> None:
    """Read names anew in a process of its own, which nobody waits for."""
    note_attempt(profile)
    if not hasattr(os, "posix_spawn"):
        return
    nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    module = [sys.executable, "-m", "outreach_client.completion.refresh", profile]
    os.posix_spawn(sys.executable, module, environment, file_actions=nothing, setpgroup=0)
