"""Dashboards as Grafana 11 reads them."""

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable, Row
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from boards.panel import Panel, Rows

SOURCE = DataSourceRef(type_val="prometheus", uid="$datasource")


def built(name: str, rows: Rows) -> Dashboard:
    """A dashboard of these rows, two panels beside each other."""
    board = (
        dashboard.Dashboard(f"Outreach: {name}")
        .uid(f"outreach-{name.replace(' ', '-')}")
        .tags(["outreach"])
        .readonly()
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("utc")
        .with_variable(DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    number = 0
    for title, panels in rows.items():
        number += 1
        board.with_row(Row(title).id(number))
        for panel in panels:
            number += 1
            board.with_panel(_panel(panel).id(number))
    return board


def _panel(panel: Panel) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.description)
        .unit(panel.unit)
        .datasource(SOURCE)
        .span(12)
        .height(8)
    )
    if panel.most is not None:
        made.max(panel.most)
    for letter, (expr, legend) in zip("ABC", panel.queries, strict=False):
        query = prometheus.Dataquery().expr(expr).datasource(SOURCE).ref_id(letter)
        made.with_target(query.legend_format(legend or panel.title))
    return made
