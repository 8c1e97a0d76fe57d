"""What the dashboards show: a module each, which `panel` words and `grafana` draws."""
