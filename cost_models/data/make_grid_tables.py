#!/usr/bin/env python3
"""Writes, or checks, the shipped tables of grids from the files of their publishers.

  make_grid_tables.py --owid carbon-intensity-electricity.csv --google region-carbon-info/data/yearly
  make_grid_tables.py --check --owid FILE --google FOLDER [--codecarbon global_energy_mix.json]

--owid        Our World in Data's file of the chart "Carbon intensity of electricity" (entity, code, year, g CO2e/kWh), the
              edition of 2024. Licence CC BY 4.0; after Ember and the Energy Institute.
--google      the folder data/yearly of github.com/GoogleCloudPlatform/region-carbon-info. Licence Apache 2.0.
--codecarbon  the copy of Our World in Data's latest years that github.com/mlco2/codecarbon ships; only compared.
--iso         ISO 3166 as Debian's package iso-codes has it, for the codes of two letters.

Writes grids_countries.csv and grids_google.csv beside this file; grids_egrid.csv and grids_clouds.csv are edited by hand.
Prints for each table and year how many figures there are and the sum of their roundings, which
tests/cost_models/grid_table_test.cpp pins: of the publishers' files, not of what this script wrote.
"""

import argparse
import csv
import json
import pathlib
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
CHECKED = "2026-11-30"  # the day on which the publishers' texts were read; change it with the files

COUNTRIES_HEAD = f"""# Countries and the world by year, g CO2e/kWh with one decimal; written by make_grid_tables.py, which names the files it reads.
# Our World in Data, CC BY 4.0, after Ember's yearly electricity data. The scope is life cycle: Ember's figures "aim to include
# full lifecycle emissions including upstream methane, supply chain and manufacturing emissions, and include all gases"
# (Global Electricity Review 2024, supporting material). Of generation in the country, without imports. A figure of 0 is left out.
# Columns: grid; key; kind; place; source; aliases; year=figure
source;owid;average;life_cycle;2024;{CHECKED};Our World in Data (Ember), carbon intensity of electricity
"""

GOOGLE_HEAD = f"""# Google's cloud regions by year, g CO2e/kWh; written by make_grid_tables.py. Google, Apache 2.0.
# Scope: "the average operational gross emissions per unit of energy from the grid" (README since July 2022) is direct; the
# columns of 2019 and 2020 are headed "Lifecycle grid carbon intensity". A figure of 0 (Montreal 2021 and 2022: rounded) is left out.
# Columns: grid; key; kind; place; source; aliases; year=figure
source;google_lifecycle;average;life_cycle;2021;{CHECKED};Google Cloud, carbon data of regions (lifecycle grid carbon intensity)
source;google;average;direct;+1;{CHECKED};Google Cloud, carbon data of regions (grid carbon intensity, operational)
"""

# What people call countries, beside Our World in Data's name and the two codes of ISO 3166.
MORE_NAMES = {
    "ARE": ["UAE"], "BOL": ["Bolivia"], "CIV": ["Ivory Coast", "Côte d'Ivoire"], "COD": ["DR Congo"], "CPV": ["Cabo Verde"],
    "CZE": ["Czech Republic"], "GBR": ["UK", "Great Britain"], "KOR": ["Korea"], "MMR": ["Burma"], "NLD": ["Holland"],
    "SWZ": ["Swaziland"], "TUR": ["Türkiye"], "USA": ["United States of America"], "World": ["WRL"],
}
LIFECYCLE_YEARS = {2019, 2020}
# Names that this program had before the publisher's changed, and a region without its own.
GOOGLE_NAMES = {"Northern Virginia": "North Virginia", "Eemshaven": "Netherlands"}


def key_of(code):
    return {"OWID_WRL": "World", "OWID_KOS": "XKX"}.get(code, code)


def read_owid(path):
    """{key: (name, {year: figure})} of countries and the world; continents and income groups have no place here."""
    grids = {}
    with open(path, encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            name, code, year, figure = row[:4]
            if not code or (code.startswith("OWID_") and code not in ("OWID_WRL", "OWID_KOS")):
                continue
            if float(figure) > 0.0:
                grids.setdefault(key_of(code), (name, {}))[1][int(year)] = float(figure)
    return grids


def ascii_name(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def read_google(folder):
    """{region: (place, {year: figure})}; the place as the latest year has it."""
    regions = {}
    for path in sorted(pathlib.Path(folder).glob("*.csv")):
        with open(path, encoding="utf-8") as file:
            for row in list(csv.reader(file))[1:]:
                if not row:
                    continue
                region, place, _, figure = row
                figures = regions.get(region, ("", {}))[1]
                if float(figure) > 0.0:
                    figures[int(path.stem)] = float(figure)
                regions[region] = (GOOGLE_NAMES.get(place, ascii_name(place)), figures)
    return regions


def two_letters(path):
    with open(path, encoding="utf-8") as file:
        return {entry["alpha_3"]: entry["alpha_2"] for entry in json.load(file)["3166-1"]}


def figures_text(figures, digits):
    return " ".join(f"{year}={round(figures[year], digits):g}" for year in sorted(figures))


def countries_table(grids, codes):
    lines = []
    for key in sorted(grids):
        name, figures = grids[key]
        aliases = ([codes[key]] if key in codes else []) + (["XK"] if key == "XKX" else []) + MORE_NAMES.get(key, [])
        place = "the world" if key == "World" else name
        kind = "world" if key == "World" else "country"
        lines.append(f"grid;{key};{kind};{place};owid;{','.join(aliases)};{figures_text(figures, 1)}")
    return COUNTRIES_HEAD + "\n".join(lines) + "\n"


def google_table(regions):
    lines = []
    for region in sorted(regions):
        place, figures = regions[region]
        key = place.replace(" ", "-")
        for source, years in (("google_lifecycle", LIFECYCLE_YEARS), ("google", set(figures) - LIFECYCLE_YEARS)):
            part = {year: figures[year] for year in figures if year in years}
            if part:
                lines.append(f"grid;{key};cloud region;{place};{source};gcp:{region};{figures_text(part, 2)}")
    return GOOGLE_HEAD + "\n".join(lines) + "\n"


def sums(name, series, digits):
    years = {}
    for figures in series:
        for year, figure in figures.items():
            years.setdefault(year, []).append(round(figure, digits))
    for year in sorted(years):
        print(f"{name} {year}: {len(years[year])} figures, sum {sum(years[year]):.2f}")


def compare(what, text, path):
    if path.read_text(encoding="utf-8") == text:
        print(f"{what}: {path.name} is what the publisher's file gives")
        return True
    print(f"{what}: {path.name} differs from what the publisher's file gives")
    return False


def compare_codecarbon(grids, path):
    with open(path, encoding="utf-8") as file:
        theirs = json.load(file)
    apart = [key for key, entry in theirs.items()
             if abs(grids.get(key, ("", {}))[1].get(entry["year"], 0.0) - entry["carbon_intensity"]) > 0.0006]
    print(f"CodeCarbon: {len(theirs) - len(apart)} of {len(theirs)} figures agree", *apart)
    return not apart


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--owid", required=True)
    parser.add_argument("--google", required=True)
    parser.add_argument("--codecarbon")
    parser.add_argument("--iso", default="/usr/share/iso-codes/json/iso_3166-1.json")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    grids, regions = read_owid(arguments.owid), read_google(arguments.google)
    tables = {"grids_countries.csv": countries_table(grids, two_letters(arguments.iso)),
              "grids_google.csv": google_table(regions)}
    sums("countries", [figures for _, figures in grids.values()], 1)
    sums("google", [figures for _, figures in regions.values()], 2)
    good = not arguments.codecarbon or compare_codecarbon(grids, arguments.codecarbon)
    for name, text in tables.items():
        if arguments.check:
            good = compare(name, text, HERE / name) and good
        else:
            (HERE / name).write_text(text, encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
