"""Full names: which of their words are the given name, in languages that say it last. Pure."""
