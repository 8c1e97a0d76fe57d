"""devstack.capacity.table_sizes: a table with all that belongs to it."""

from collections.abc import Callable

import psycopg
from devstack.capacity.table_sizes import grown, table_sizes


def test_partitions_and_large_values_count(new_database: Callable[..., str]) -> None:
    """Rows of a month are the table's, as are its indexes and what is kept beside its rows."""
    url = new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute(
            "CREATE TABLE shop.sales (day date, what text, PRIMARY KEY (day, what))"
            " PARTITION BY RANGE (day)"
        )
        connection.execute(
            "CREATE TABLE shop.sales_1 PARTITION OF shop.sales"
            " FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
        )
        connection.execute("CREATE TABLE shop.letters (text text)")
        before = table_sizes(url, ("shop",))
        connection.execute(
            "INSERT INTO shop.sales SELECT '2026-01-02', n::text FROM generate_series(1, 9999) n"
        )
        connection.execute(
            "INSERT INTO shop.letters SELECT string_agg(md5(n::text), '')"
            " FROM generate_series(1, 5000) n"
        )

    sizes = grown(before, table_sizes(url, ("shop",)))

    assert list(sizes) == ["shop.sales", "shop.letters"]
    assert sizes["shop.sales"].rows == 9999
    assert min(sizes["shop.sales"].data, sizes["shop.sales"].indexes) > 50_000
    assert sizes["shop.letters"].data > 100_000
