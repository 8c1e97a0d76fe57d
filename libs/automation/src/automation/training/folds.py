"""Judging what was learned with those whom it was not learned from: in turns, by folds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Places = Sequence[int]
Say = Callable[[Places, Places], Sequence[float]]
"""What is said of the rows at the second places, learned from those at the first."""
NOTHING_KNOWN = 0.0
"""The log odds of one half: what is said where there is nobody to learn from."""


def out_of_fold(folds: Sequence[int], say: Say) -> list[float]:
    """Of each row what is said without its fold.

    Where all rows are of one fold, as those of one company are, there is nobody else.
    """
    told = [NOTHING_KNOWN] * len(folds)
    for fold in sorted(set(folds)):
        learned = [place for place, of in enumerate(folds) if of != fold]
        held = [place for place, of in enumerate(folds) if of == fold]
        if learned:
            for place, said in zip(held, say(learned, held), strict=True):
                told[place] = said
    return told


def fewer(folds: Sequence[int], count: int) -> list[int]:
    """The same rows in `count` folds at the most; whoever was together still is."""
    number = {fold: place for place, fold in enumerate(sorted(set(folds)))}
    return [number[fold] % count for fold in folds]
