"""PostgreSQL: a pool, migrations, and notifications, all of which outlive its restarts."""
