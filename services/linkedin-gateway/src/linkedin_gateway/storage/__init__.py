"""What every repository of the gateway shares: columns, statements, connections, locks."""
