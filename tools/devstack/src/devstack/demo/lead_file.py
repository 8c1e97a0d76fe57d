"""What the demo needs to know of a lead list; the service reads it properly."""

import csv
import io
from pathlib import Path

_LISTABLE = 5_000_000


def count_rows(leads: Path) -> int:
    """About how many leads there are."""
    with leads.open("rb") as file:
        lines = sum(1 for _ in file)
    return max(1, lines - 1)


def is_listable(leads: Path) -> bool:
    """Whether the simulator can be shown the list, so that its people have their names."""
    if leads.stat().st_size > _LISTABLE:
        return False
    try:
        rows = csv.reader(io.StringIO(leads.read_text(encoding="utf-8-sig"), newline=""))
        return sum(1 for _ in rows) > 1
    except (UnicodeDecodeError, csv.Error):
        return False


def invented(name: str, count: int) -> str:
    """A lead list of so many people whom no other list has, with what the example's texts say."""
    columns = "first_name,last_name,linkedin_url,company,Machine Park"
    at = "https://www.linkedin.com/in"
    rows = [
        f"Person{number},Of {name.title()},{at}/{name}-person-{number},Example Works,presses"
        for number in range(count)
    ]
    return "\n".join((columns, *rows)) + "\n"
