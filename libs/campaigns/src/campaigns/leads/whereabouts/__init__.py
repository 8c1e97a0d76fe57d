"""Where people are: the places that lists name, and the clocks of those. Pure."""
