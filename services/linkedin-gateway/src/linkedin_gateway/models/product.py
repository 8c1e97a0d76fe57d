"""Which of LinkedIn's products is used."""

from enum import StrEnum


class Product(StrEnum):
    """A product of LinkedIn that has ids of people, and an inbox, of its own."""

    CLASSIC = "classic"
    SALES_NAVIGATOR = "sales_navigator"
    RECRUITER = "recruiter"
