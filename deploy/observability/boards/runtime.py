"""Calls, and the processes that answer them."""

from boards.panel import Panel, Rows, one, quantiles

RUNTIME: Rows = {
    "Calls": [
        Panel(
            "Calls",
            "ops",
            "Of each service's methods, by code.",
            one(
                "sum by (job, code) (rate(rpc_server_handled_total[$__rate_interval]))",
                "{{job}} {{code}}",
            ),
        ),
        Panel(
            "Time of a call",
            "s",
            "By service; exemplars lead to traces.",
            quantiles("rpc_server_duration_seconds", "job"),
        ),
    ],
    "Processes": [
        Panel(
            "Event loop",
            "s",
            "How late it is; every call waits for it.",
            quantiles("event_loop_lag_seconds", "job"),
        ),
        Panel(
            "Memory",
            "bytes",
            "Resident, by process.",
            one("process_resident_memory_bytes", "{{job}} {{instance}}"),
        ),
        Panel(
            "Processor",
            "percentunit",
            "Of one core.",
            one("rate(process_cpu_seconds_total[$__rate_interval])", "{{job}} {{instance}}"),
        ),
        Panel(
            "Audit",
            "s",
            "How long ago all records were sealed.",
            one("min by (job) (audit_seal_lag_seconds)", "{{job}}"),
        ),
    ],
}
