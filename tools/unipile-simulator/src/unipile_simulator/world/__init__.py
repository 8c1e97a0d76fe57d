"""The world put together, and what happens in it as time passes."""
