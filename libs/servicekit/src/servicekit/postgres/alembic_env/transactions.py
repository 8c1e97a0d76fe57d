"""Where a revision lets go of what it has locked."""

from alembic import op


def let_go() -> None:
    """Commit what the revision has done so far, and go on in another transaction.

    Whoever changes a table keeps everybody else from it until it is committed. A second one,
    waited for meanwhile, is a deadlock with who has that and wants the first. What was done must
    be safe to repeat: the revision begins anew if it does not come to its end.
    """
    with op.get_context().autocommit_block():
        pass
