"""Filters of lists, put together from what a command is given."""


def narrowed(filter_: str, **equal: str) -> str:
    """A filter, and what fields are to equal besides; an empty value says nothing."""
    parts = [f"({filter_})"] if filter_ else []
    parts += [f"{field} = {value}" for field, value in equal.items() if value]
    return " AND ".join(parts)
