"""The environment that Alembic runs every schema's migrations in."""
