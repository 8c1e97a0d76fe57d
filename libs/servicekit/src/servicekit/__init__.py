"""What any service needs: settings, errors, logs, traces, metrics, servers, stores."""
