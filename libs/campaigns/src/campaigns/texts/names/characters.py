"""Full names in Chinese, Japanese and Korean characters. Pure.

The family name stands first in all of them. Where nothing parts it from the given name its length
is known of Korean and Chinese ones, which are nearly all of one character; of Japanese ones it is
not, nor is it known which of the two languages a name of characters alone is of.
"""

from __future__ import annotations

import re

from campaigns.texts.names.lexicon import listed

_CHARACTERS = r"\u3400-\u9fff\uf900-\ufaff々"
_KANA = r"\u3040-\u30ff"
_HANGUL = r"\uac00-\ud7a3"
_ANY = re.compile(f"[{_CHARACTERS}{_KANA}{_HANGUL}]")
_KOREAN = re.compile(f"[{_HANGUL}]+")
_CHINESE = re.compile(f"[{_CHARACTERS}]+")
_BOTH = re.compile(f"([{_CHARACTERS}]{{1,3}})([{_KANA}]{{1,5}})")
_FOREIGN = re.compile(r"[・･]")
_POLITE = re.compile(r"(?:さん|様|さま|氏|先生|先輩|님|씨|女士|小姐)$")
_COMPOUND = frozenset([*listed("zh", "compound"), *listed("ko", "compound")])
_SURELY_CHINESE = frozenset(listed("zh", "certain")[0])
_SYLLABLES = range(2, 4)
"""Of a whole name with a family name of one."""


def is_in_characters(name: str) -> bool:
    """Whether a name is written so."""
    return _ANY.search(name) is not None


def in_characters(full_name: str, name: str, language: str) -> tuple[str, str] | None:
    """Given and family name of a name as it stood and as it was cleaned; None if not known."""
    name = _POLITE.sub("", name).strip()
    words = name.split()
    if not words:
        # Only a form of address.
        return "", ""
    if _FOREIGN.search(full_name):
        # A name from abroad, in its own order.
        return words[0], " ".join(words[1:])
    if len(words) == 2:  # noqa: PLR2004  parted
        return words[1], words[0]
    if len(words) != 1:
        return None
    length = _family_length(name, language)
    return (name[length:], name[:length]) if length else None


def _family_length(name: str, language: str) -> int:
    """How many characters are the family name; 0 if that is not known."""
    both = _BOTH.fullmatch(name)
    if both is not None:
        return len(both[1])
    is_korean = _KOREAN.fullmatch(name) is not None
    is_chinese = _CHINESE.fullmatch(name) is not None and language != "ja"
    if not (is_korean or is_chinese):
        return 0
    if name[:2] in _COMPOUND:
        # Of three syllables `황보람` may be 황 and 보람.
        return 2 if len(name) > (3 if is_korean else 2) else 0
    if len(name) not in _SYLLABLES:
        return 0
    return 1 if is_korean or language == "zh" or name[0] in _SURELY_CHINESE else 0
