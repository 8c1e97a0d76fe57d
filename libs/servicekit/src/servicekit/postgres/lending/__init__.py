"""How a pool lends connections; all of a rehearsed call is played on one."""
