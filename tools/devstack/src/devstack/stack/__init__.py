"""The local stack: PostgreSQL, Temporal, the simulators and the four services, as processes."""
