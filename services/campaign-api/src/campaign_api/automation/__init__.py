"""Programs, their runs and what was decided: commands and queries on the schema `automation`."""
