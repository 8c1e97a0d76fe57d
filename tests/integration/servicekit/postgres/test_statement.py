"""servicekit.postgres.statement: what is done to any number of rows is done to some at a time."""

from servicekit.postgres.pool import connect_pool
from servicekit.postgres.statement import in_pieces

_TABLE = "CREATE TABLE things AS SELECT generate_series(1, 7) AS number"
_FORGET = """
    DELETE FROM things WHERE number IN (
        SELECT number FROM things WHERE number < $1 ORDER BY number LIMIT $2)
 RETURNING txid_current() AS piece
"""
_KEPT = """
    CREATE TABLE gone (number integer, piece bigint);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO gone VALUES (OLD.number, txid_current());
        RETURN OLD;
    END $$;
    CREATE TRIGGER noted BEFORE DELETE ON things FOR EACH ROW EXECUTE FUNCTION note();
"""
_PIECES = "SELECT array_agg(number ORDER BY number) AS piece FROM gone GROUP BY piece ORDER BY 1"


async def test_each_piece_is_a_transaction_of_its_own(database_url: str) -> None:
    """Until there is nothing left to do; how many there were is told."""
    async with connect_pool(database_url, "public") as pool:
        await pool.execute(_TABLE)
        await pool.execute(_KEPT)

        changed = await in_pieces(pool, _FORGET, 6, at_once=2)
        nothing = await in_pieces(pool, _FORGET, 6, at_once=2)

        pieces = [row["piece"] for row in await pool.fetch(_PIECES)]
        left = await pool.fetchval("SELECT array_agg(number) FROM things")
    assert (changed, nothing) == (5, 0)
    assert pieces == [[1, 2], [3, 4], [5]]
    assert left == [6, 7]
