"""What companies do; it follows from the seed and their name."""

from __future__ import annotations

from unipile_simulator.dice import Dice

INDUSTRIES = ("Logistics", "Software Development", "Food Production", "Hospitals", "Media")


def industry(dice: Dice, company: str) -> str:
    """The industry of a company."""
    return dice.pick(INDUSTRIES, "company does", company)
