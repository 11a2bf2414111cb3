// What a dashboard with a card of each kind is made of: data, and panels that ask for it.

const REGIONS = ["West", "East", "North", "Overseas"];
const PRODUCTS = ["Desk", "Chair", "Lamp", "Shelf", "Cabinet"];
const COUNTRIES = ["Switzerland", "Germany", "France", "Italy", "United States", "Brazil", "India", "China", "South Africa", "Australia", "Canada", "Japan"];

/** So many orders of two years, always the same. */
export function orders(count) {
  const lines = ["day,region,product,country,units,price,revenue,note"];
  let state = 42;
  /** From 0 to 1, a little more often around the middle. */
  const chance = () => {
    const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    return (next() + next()) / 2;
  };
  const pick = (list) => list[Math.min(list.length - 1, Math.floor(chance() * list.length))];
  for (let n = 0; n < count; n++) {
    const place = Math.floor(chance() * 730);
    const day = new Date(Date.UTC(2023, 0, 1 + place)).toISOString().slice(0, 10);
    const [region, product, country] = [pick(REGIONS), pick(PRODUCTS), pick(COUNTRIES)];
    const units = 1 + Math.floor(chance() * 24);
    const base = { Desk: 220, Chair: 90, Lamp: 45, Shelf: 130, Cabinet: 310 }[product];
    const price = (base * (0.7 + chance() * 0.6) - units * 1.5 + 30).toFixed(2);
    const revenue = (units * price * (1 + 0.3 * Math.sin(place / 58))).toFixed(2);
    lines.push([day, region, product, country, units, price, revenue, n % 3 ? "plain" : "=1+1"].join(","));
  }
  return `${lines.join("\n")}\n`;
}

export const CITIES = `city,longitude,latitude,people
New York,-74.0,40.7,8400\nLos Angeles,-118.2,34.1,3900\nChicago,-87.6,41.9,2700\nHouston,-95.4,29.8,2300\nDenver,-105.0,39.7,715
Seattle,-122.3,47.6,750\nMiami,-80.2,25.8,450\nAtlanta,-84.4,33.7,500\n`;

export const STEPS = "step,people\nVisited,12480\nSigned up,5210\nTried,3120\nPaid,940\n";

const x = (column, more) => ({ x: { column, ...more } });
const y = (column, aggregation) => ({ y: [{ column, ...(aggregation && { aggregation }) }] });
const from = (type, table, ...parts) => ({ type, query: Object.assign({ table }, ...parts) });
const ask = (type, ...parts) => from(type, "orders", ...parts);

/** One of each kind, and what of each must be seen. */
export const PANELS = [
  ask("bar", x("region"), { series: { column: "product" } }, y("revenue", "sum")),
  ask("line", x("day", { grain: "month" }), { series: { column: "region" } }, y("revenue", "sum")),
  ask("area", x("day", { grain: "week" }), { series: { column: "product" } }, y("units", "sum")),
  ask("pie", x("region"), y("revenue", "sum")),
  ask("donut", x("product"), y("units", "sum")),
  { type: "table", sql: "SELECT day, region, product, revenue, note FROM orders ORDER BY revenue DESC, day" },
  { ...ask("kpi", y("revenue", "sum")), target: 20_000_000 },
  ask("insight", x("region"), y("revenue", "sum")),
  ask("heatmap", x("day", { grain: "month_of_year" }), { series: { column: "product" } }, y("revenue", "avg")),
  ask("scatter", x("units"), y("price"), { series: { column: "region" } }),
  {
    type: "bubble", title: "Units, price and revenue of countries", encoding: { x: "units", y: ["price", "revenue"], series: "country" },
    sql: "SELECT country, AVG(units) AS units, AVG(price) AS price, SUM(revenue) AS revenue FROM orders GROUP BY country ORDER BY country",
  },
  ask("histogram", x("price")),
  ask("boxplot", x("product"), y("price")),
  ask("radar", x("product"), { series: { column: "region" } }, y("revenue", "sum")),
  from("funnel", "steps", x("step"), y("people", "sum")),
  { ...ask("gauge", y("units", "sum")), target: 150_000 },
  from("geomap", "cities", x("longitude"), { y: [{ column: "latitude" }, { column: "people" }] }),
  ask("choropleth", x("country"), y("revenue", "sum")),
];
