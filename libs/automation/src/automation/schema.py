"""The schema that this library owns, and how it is reached where nobody says otherwise."""

SCHEMA = "automation"
PACKAGE = "automation"
URLS = ("automation_database_url", "migration_database_url", "database_url")
"""Settings by which the schema is reached: by the first that is given."""
MIGRATION_URLS = ("automation_migration_database_url", *URLS)
"""Settings by which its owner reaches it: by the first that is given."""
CONNECTIONS = 4
"""The most connections of a process to it."""
CHECK = "schema automation"
"""How readiness calls that this schema is as the code needs it."""
