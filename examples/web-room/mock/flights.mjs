// A year of made-up departures from three airports, and the cards a generation makes of them.

const ORIGINS = [["EWR", 0.38], ["JFK", 0.34], ["LGA", 0.28]];
const CARRIERS = [["UA", 0.2, 9], ["B6", 0.18, 13], ["EV", 0.16, 19], ["DL", 0.15, 8], ["AA", 0.11, 8], ["MQ", 0.09, 11], ["US", 0.06, 4], ["9E", 0.05, 16]];

/** The same numbers every time: mulberry32. */
function randomness(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function pick(table, at) {
  for (const row of table) {
    at -= row[1];
    if (at <= 0) return row;
  }
  return table[table.length - 1];
}

function departures(count) {
  const random = randomness(7);
  return Array.from({ length: count }, () => {
    const month = Math.min(12, 1 + Math.floor(12 * (random() * 0.8 + random() * 0.2)));
    const hour = Math.min(22, 5 + Math.floor(18 * random()));
    const carrier = pick(CARRIERS, random());
    const summer = month >= 6 && month <= 8 ? 6 : 0;
    return {
      month: `2013-${String(month).padStart(2, "0")}-01`,
      origin: pick(ORIGINS, random())[0],
      carrier: carrier[0],
      hour,
      delay: Math.round(carrier[2] + summer + (hour - 10) * 1.1 + (random() + random() + random() - 1.5) * 24),
    };
  });
}

const ROWS = departures(24_000);

/** The column's name, whatever grain the key adds. */
const columnOf = (key) => ({ dep_delay: "delay", time_hour: "month" })[key.split(":")[0]] ?? key.split(":")[0];

function rowsUnder(filter) {
  const wanted = Object.entries(filter).map(([key, value]) => [columnOf(key), value]);
  return ROWS.filter((row) => wanted.every(([column, value]) => !(column in row) || (Array.isArray(value) ? value.includes(row[column]) : row[column] === value)));
}

function grouped(rows, keys, measure) {
  const groups = new Map();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((name) => row[name]));
    const group = groups.get(key) ?? { count: 0, delay: 0 };
    group.count++;
    group.delay += row.delay;
    groups.set(key, group);
  }
  return [...groups].map(([key, { count, delay }]) => [...JSON.parse(key), measure === "count" ? count : Math.round((delay / count) * 10) / 10]);
}

const ascending = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
const descending = (a, b) => b[b.length - 1] - a[a.length - 1];
const CHANNELS = {
  month: { field: "month", label: "Month", filter: "time_hour", grain: "month" },
  origin: { field: "origin", label: "Origin", filter: "origin" },
  carrier: { field: "carrier", label: "Carrier", filter: "carrier" },
  hour: { field: "hour", label: "Hour", filter: "time_hour", grain: "hour_of_day" },
  flights: { field: "flights", label: "Flights", format: ",.0f" },
  delay: { field: "avg_delay", label: "Average delay", format: ".1f", unit: "min" },
};

const x = (field, type, more = {}) => ({ field, type, title: null, ...more });
const y = (field, title) => ({ field, type: "quantitative", title });

/** What each card is, apart from its rows. */
const PLANS = {
  chart_1: {
    type: "kpi", title: "Flights", description: "All departures in 2013", sql: "SELECT count(*) AS flights FROM flights",
    measure: "count", keys: [],
  },
  chart_2: {
    type: "kpi", title: "Average delay", description: "Minutes at departure", sql: "SELECT avg(dep_delay) AS avg_delay FROM flights",
    measure: "delay", keys: [],
  },
  chart_3: { type: "insight", title: "What stands out", keys: [], measure: "delay", sql: "SELECT carrier, avg(dep_delay) FROM flights GROUP BY 1" },
  chart_4: {
    type: "line", title: "Flights per month by origin", description: "Departures, one line per airport",
    sql: "SELECT date_trunc('month', time_hour) AS month, origin, count(*) AS flights\nFROM flights\nGROUP BY 1, 2\nORDER BY 1, 2",
    keys: ["month", "origin"], measure: "count", x: "month", series: "origin",
    spec: {
      mark: { type: "line", point: true },
      encoding: { x: x("month", "temporal", { axis: { format: "%b" } }), y: y("flights", "Flights"), color: { field: "origin", type: "nominal", title: null } },
    },
  },
  chart_5: {
    type: "bar", title: "Top carriers", description: "By number of departures",
    sql: "SELECT carrier, count(*) AS flights\nFROM flights\nGROUP BY 1\nORDER BY 2 DESC\nLIMIT 10",
    keys: ["carrier"], measure: "count", x: "carrier",
    spec: { mark: "bar", encoding: { y: x("carrier", "nominal", { sort: "-x" }), x: y("flights", null) } },
  },
  chart_6: {
    type: "bar", title: "Delay by hour of departure", description: "Average minutes, by scheduled hour",
    sql: "SELECT extract(hour FROM time_hour) AS hour, avg(dep_delay) AS avg_delay\nFROM flights\nGROUP BY 1\nORDER BY 1",
    keys: ["hour"], measure: "delay", x: "hour",
    spec: { mark: "bar", encoding: { x: x("hour", "ordinal", { axis: { labelAngle: 0 } }), y: y("avg_delay", "Minutes") } },
  },
  chart_7: {
    type: "donut", title: "Share by origin", description: "Departures per airport",
    sql: "SELECT origin, count(*) AS flights FROM flights GROUP BY 1", keys: ["origin"], measure: "count", x: "origin",
    spec: { mark: { type: "arc", innerRadius: 52 }, encoding: { theta: y("flights", null), color: { field: "origin", type: "nominal", title: null } } },
  },
  chart_8: {
    type: "table", title: "Carriers at each airport", description: "Departures", sql: "SELECT origin, carrier, count(*) AS flights FROM flights GROUP BY 1, 2",
    keys: ["origin", "carrier"], measure: "count", x: "origin", series: "carrier",
  },
  chart_9: {
    type: "heatmap", title: "When flights leave", description: "Departures by month and hour",
    sql: "SELECT 1", keys: ["month", "hour"], measure: "count", x: "month",
    spec: { mark: "rect", encoding: { x: x("hour", "ordinal", { axis: { labelAngle: 0 } }), y: x("month", "ordinal", { timeUnit: "month" }), color: { field: "flights", type: "quantitative", title: null } } },
  },
};

export const LAYOUT = {
  columns: 12,
  items: [
    ["chart_1", 0, 0, 3, 2], ["chart_2", 3, 0, 3, 2], ["chart_3", 6, 0, 6, 2], ["chart_4", 0, 2, 8, 4], ["chart_7", 8, 2, 4, 4],
    ["chart_5", 0, 6, 6, 4], ["chart_6", 6, 6, 6, 4], ["chart_8", 0, 10, 6, 4], ["chart_9", 6, 10, 6, 4], ["chart_10", 0, 14, 12, 2],
  ].map(([key, left, top, w, h]) => ({ key, x: left, y: top, w, h })),
};

export const KEYS = [...Object.keys(PLANS), "chart_10"];
const VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json";

/** A card as the server would send it, under a filter; `kinds` are types that refinements chose. */
export function card(key, filter = {}, kinds = {}) {
  const id = `00000000-0000-7000-8000-${key.replace("chart_", "").padStart(12, "0")}`;
  if (key === "chart_10") {
    const error = { code: "INVALID_REQUEST", message: "The data has no column for “fuel”, so this chart could not be drawn." };
    return { id, key, type: "bar", title: "Fuel per seat", description: "", sql: "", data: { columns: [], rows: [] }, encoding: {}, error };
  }
  const plan = PLANS[key];
  const rows = rowsUnder(filter);
  const type = kinds[key] ?? plan.type;
  const name = plan.measure === "count" ? "flights" : "avg_delay";
  const sorted = grouped(rows, plan.keys, plan.measure).sort(key === "chart_5" || key === "chart_8" ? descending : ascending);
  const columns = [
    ...plan.keys.map((one) => ({ name: one, type: one === "month" ? "date" : one === "hour" ? "integer" : "text" })),
    { name, type: plan.measure === "count" ? "integer" : "number" },
  ];
  const made = {
    id, key, type, title: plan.title, description: plan.description ?? "", sql: plan.sql, data: { columns, rows: sorted, truncated: false },
    encoding: {
      ...(plan.x && { x: CHANNELS[plan.x] }), y: [CHANNELS[plan.measure === "count" ? "flights" : "delay"]], ...(plan.series && { series: CHANNELS[plan.series] }),
    },
    ...(key === "chart_9" && "carrier" in filter && {
      filters_skipped: [{ key: "carrier", reason: "no_column", message: "`airports` has no column `carrier`" }],
    }),
  };
  if (plan.spec && type !== "table") made.spec = { $schema: VEGA_LITE, data: { name: "rows" }, width: "container", height: "container", ...drawnAs(plan, type) };
  if (type === "kpi") made.kpi = figure(plan, rows);
  if (type === "insight") made.description = sentence(rows);
  return made;
}

function drawnAs({ type, spec }, wanted) {
  if (type === wanted) return spec;
  if (wanted === "pie") {
    const [size, slices] = spec.encoding.x?.type === "quantitative" ? [spec.encoding.x, spec.encoding.y] : [spec.encoding.y, spec.encoding.x];
    return { mark: "arc", encoding: { theta: size, color: { field: slices.field, type: "nominal", title: null } } };
  }
  return { ...spec, mark: wanted === "line" ? { type: "line", point: true } : wanted };
}

function figure({ measure }, rows) {
  if (measure === "count") return { value: rows.length, format: ",.0f", trend: "+4.2% vs 2012", operation: "count" };
  const value = rows.length > 0 ? rows.reduce((sum, row) => sum + row.delay, 0) / rows.length : null;
  return { value, format: ".1f", unit: "min", trend: "-0.8 min vs 2012", value_from_column: "dep_delay", operation: "avg" };
}

function sentence(rows) {
  const [worst] = grouped(rows, ["carrier"], "delay").sort(descending);
  const [busiest] = grouped(rows, ["origin"], "count").sort(descending);
  if (!worst || !busiest) return "No flights match.";
  const share = Math.round((100 * busiest[1]) / rows.length);
  return `${worst[0]} leaves latest, ${worst[1]} minutes behind schedule on average; ${busiest[0]} handles ${share}% of all departures.`;
}

const column = (name, type, distinct, more = {}) => ({ name, type, nulls: 0, distinct, ...more });

export const FILE = {
  id: "00000000-0000-7000-8000-0000000000f1", name: "flights.csv", size: 33_412_889, format: "csv", version: 1, created_at: "2026-01-05T09:12:00Z",
  warnings: ["8,255 rows have no departure time; they are kept with an empty value"],
  datasets: [{
    name: "flights", rows: 336_776,
    columns: [
      column("time_hour", "timestamp", 6936, { min: "2013-01-01T05:00:00", max: "2013-12-31T23:00:00" }),
      column("carrier", "text", 16, { top: ["UA", "B6", "EV", "DL"] }), column("origin", "text", 3, { top: ["EWR", "JFK", "LGA"] }),
      column("dest", "text", 105, { top: ["ORD", "ATL", "LAX"] }), column("dep_delay", "number", 528, { min: -43, max: 1301, mean: 12.6, nulls: 8255 }),
      column("arr_delay", "number", 578, { min: -86, max: 1272, mean: 6.9 }), column("distance", "integer", 214, { min: 17, max: 4983 }),
    ],
  }],
};
