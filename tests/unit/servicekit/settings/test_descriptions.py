"""What stands below a field is its description."""

from pydantic import Field
from pydantic_settings import BaseSettings
from servicekit.settings.descriptions import description_of


class Parent(BaseSettings):
    """Settings with others below them."""

    host: str = ""
    """The parent's own, of
    two lines."""
    port: int = 1
    """Told anew by the child."""
    bare: int = 1

    @property
    def shown(self) -> str:
        """Of no field."""
        return self.host


class Child(Parent):
    """What a service adds."""

    port: int = 2
    """The child's."""
    given: int = Field(default=1, description="As the field says it.")
    """Not this."""


def test_a_field_is_described_by_what_stands_below_it() -> None:
    """Of the class that has it last, in one line; what the field itself says goes before."""
    described = {field: description_of(Child, field) for field in Child.model_fields}

    assert described == {
        "host": "The parent's own, of two lines.",
        "port": "The child's.",
        "bare": "",
        "given": "As the field says it.",
    }
