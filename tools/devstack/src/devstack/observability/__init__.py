"""Rules and dashboards: written as they are read by Prometheus, and tried."""
