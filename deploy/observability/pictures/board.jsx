// A dashboard of dashboards/*.json, drawn by Perses: ?board=overview&prometheus=URL&from=MS&to=MS.
// Grafana draws the same panels; this is for pictures where no Grafana is to be had.
import { ThemeProvider } from "@mui/material";
import { ChartsProvider, SnackbarProvider, generateChartsTheme, getTheme } from "@perses-dev/components";
import { DatasourceStoreProvider, Panel, VariableProvider } from "@perses-dev/dashboards";
import {
  DataQueriesProvider,
  PluginRegistry,
  TimeRangeProvider,
  dynamicImportPluginLoader,
} from "@perses-dev/plugin-system";
import * as prometheus from "@perses-dev/prometheus-plugin";
import * as timeSeriesChart from "@perses-dev/timeseries-chart-plugin";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import React from "react";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);
const UNITS = {
  bytes: { unit: "bytes" },
  ops: { unit: "ops/sec" },
  percentunit: { unit: "percent-decimal" },
  s: { unit: "seconds" },
  short: { unit: "decimal", shortValues: true },
};
const RATE_INTERVAL = "30s";

const source = {
  kind: "GlobalDatasource",
  metadata: { name: "prometheus" },
  spec: {
    default: true,
    plugin: {
      kind: "PrometheusDatasource",
      // A point for each second that was scraped; by itself it asks by the minute.
      spec: { directUrl: asked.get("prometheus"), scrapeInterval: "1s" },
    },
  },
};
const sources = {
  getDatasource: async () => undefined,
  getGlobalDatasource: async () => source,
  listDatasources: async () => [],
  listGlobalDatasources: async () => [source],
  buildProxyUrl: () => "",
};
const plugins = dynamicImportPluginLoader(
  [prometheus, timeSeriesChart].map((plugin) => ({
    resource: plugin.getPluginModule(),
    importPlugin: async () => plugin,
  })),
);
const queries = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: 3 } } });
const theme = getTheme("light");
// As many as a panel has series: by itself Perses draws a colour from each name, and two are alike now and then.
const COLOURS = [
  "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#7f7f7f",
  "#1a4f7a", "#b35900", "#1c6e1c", "#8f1a1b", "#5b3a86", "#54332c", "#a8458b", "#0e7c88", "#77781a", "#4a4a4a",
];
const charts = generateChartsTheme(theme, { echartsTheme: { color: COLOURS } });

function OnePanel({ panel }) {
  const definitions = panel.targets.map((target) => ({
    kind: "PrometheusTimeSeriesQuery",
    spec: {
      query: target.expr.replaceAll("$__rate_interval", RATE_INTERVAL),
      seriesNameFormat: target.legendFormat,
    },
  }));
  const chart = {
    kind: "TimeSeriesChart",
    spec: {
      legend: { position: "bottom", mode: "list", size: "medium" },
      yAxis: { format: UNITS[panel.fieldConfig.defaults.unit], min: 0, max: panel.fieldConfig.defaults.max },
      visual: { lineWidth: 1.5, areaOpacity: 0.05, connectNulls: true, palette: { mode: "categorical" } },
    },
  };
  return (
    <figure style={{ margin: 0 }}>
      {/* From 300 for what is in it Perses gives the legend five rows: it had one and a half. */}
      <div style={{ height: 380 }}>
        <DataQueriesProvider definitions={definitions}>
          <Panel definition={{ kind: "Panel", spec: { display: { name: panel.title }, plugin: chart } }} />
        </DataQueriesProvider>
      </div>
      <figcaption style={{ font: "12px sans-serif", color: "#555", padding: "4px 6px 10px" }}>
        {panel.description}
      </figcaption>
    </figure>
  );
}

function Board({ board }) {
  const [refresh, setRefresh] = React.useState("0s");
  const [range, setRange] = React.useState({
    start: new Date(Number(asked.get("from"))),
    end: new Date(Number(asked.get("to"))),
  });
  return (
    <TimeRangeProvider timeRange={range} setTimeRange={setRange} refreshInterval={refresh} setRefreshInterval={setRefresh}>
      <VariableProvider>
        <DatasourceStoreProvider dashboardResource={{ kind: "Dashboard", metadata: {}, spec: {} }} datasourceApi={sources}>
          <h1 style={{ font: "600 20px sans-serif", margin: "12px" }}>{board.title}</h1>
          <div style={{ display: "grid", gridTemplateColumns: "repeat(2, minmax(0, 1fr))", gap: 8, margin: "0 12px" }}>
            {board.panels.map((panel) =>
              panel.type === "row" ? (
                <h2 key={panel.id} style={{ gridColumn: "1 / 3", font: "600 15px sans-serif", margin: "6px 0 0" }}>
                  {panel.title}
                </h2>
              ) : (
                <OnePanel key={panel.id} panel={panel} />
              ),
            )}
          </div>
        </DatasourceStoreProvider>
      </VariableProvider>
    </TimeRangeProvider>
  );
}

// Drawn is what has a line, or says that there is none, in every panel; lines then come to rest.
const AT_REST_MS = 2_000;
const drawn = (panel) => panel.querySelector("canvas") || panel.innerText.includes("No data");
const waiting = setInterval(() => {
  const panels = [...document.querySelectorAll("figure")];
  if (!panels.length || queries.isFetching() || !panels.every(drawn)) return;
  clearInterval(waiting);
  setTimeout(() => fetch("drawn", { method: "POST" }), AT_REST_MS);
}, 200);

const board = await (await fetch(`dashboards/${asked.get("board")}.json`)).json();
createRoot(document.getElementById("board")).render(
  <ThemeProvider theme={theme}>
    <ChartsProvider chartsTheme={charts}>
      <SnackbarProvider anchorOrigin={{ vertical: "bottom", horizontal: "right" }}>
        <PluginRegistry
          pluginLoader={plugins}
          defaultPluginKinds={{ Panel: "TimeSeriesChart", TimeSeriesQuery: "PrometheusTimeSeriesQuery" }}
        >
          <QueryClientProvider client={queries}>
            <Board board={board} />
          </QueryClientProvider>
        </PluginRegistry>
      </SnackbarProvider>
    </ChartsProvider>
  </ThemeProvider>,
);
