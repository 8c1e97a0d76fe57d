"""An edit of an account: what it makes of it, and what it is an edit of. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from servicekit.etags import content_etag, fits

from linkedin_gateway.models import Account, Cap, WorkingHours
from linkedin_gateway.storage.column_values import caps_text, hours_text


@dataclass(frozen=True, kw_only=True)
class AccountEdit:
    """What the customer changes of an account; None stays."""

    etag: str = ""
    working_hours: WorkingHours | None = None
    """With whatever days off: those are `holidays`."""
    holidays: frozenset[date] | None = None
    caps: tuple[Cap, ...] | None = None

    def of(self, account: Account) -> Account:
        """The account as it is to be."""
        days_off = account.working_hours.holidays if self.holidays is None else self.holidays
        return replace(
            account,
            working_hours=replace(self.working_hours or account.working_hours, holidays=days_off),
            caps=account.caps if self.caps is None else self.caps,
        )

    def is_of(self, account: Account) -> bool:
        """Whether the account is as it was read; what changes nothing is nobody's loss."""
        return fits(self.etag, etag_of(account)) or self.of(account) == account


def etag_of(account: Account) -> str:
    """What people edit of an account."""
    return content_etag(hours_text(account.working_hours), caps_text(account.caps))
