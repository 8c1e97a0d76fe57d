"""The accounts of one member of LinkedIn, as SQL: caps are the member's."""

from __future__ import annotations


def others_of_member(own: str) -> str:
    """The other accounts of an account's member, of whichever organization; null if none.

    One that was removed still says whose it was. `own` is the account's row.
    """
    return f"""(
         SELECT array_agg(account_id ORDER BY account_id) FROM accounts
          WHERE provider_id = {own}.provider_id AND provider_id <> ''
            AND account_id <> {own}.account_id)"""
