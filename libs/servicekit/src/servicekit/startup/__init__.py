"""How a service is begun: from its command line, by its settings, to its composition."""
