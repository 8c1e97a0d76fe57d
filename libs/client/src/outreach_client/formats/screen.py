"""The console of commands: what it is given as text commands no terminal."""

from typing import Any

from rich.console import Console

from outreach_client.formats.fields import harmless


class Screen(Console):
    """rich's, for texts that others wrote."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich's."""
        super().print(
            *(harmless(each) if isinstance(each, str) else each for each in objects), **options
        )
