"""An event on its way to one endpoint: the first attempt at once, the others by a workflow."""
