// The shipped tables of grids: what they hold against their publishers' files, and what grids may be called.

#include "cost_models/grid_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

const GridTable& table() {
  return GridTable::shipped();
}

double grams(const GridEntry& grid) {
  return grid.intensity / gram_per_kilowatt_hour;
}

std::string refusal(const std::string& name) {
  try {
    return "accepted as " + Catalogue::shipped()->grid(name).name;
  } catch (const InputError& error) {
    return error.message();
  }
}

struct YearOf {
  int year_of = 0;
  std::size_t count = 0;
  double sum = 0.0;
};

// Counts and sums by year as make_grid_tables.py prints them of the publishers' own files, in the shipped
// precision: a figure that is wrong, missing or under another year moves one of them.
template <std::size_t N>
void expect_sums(const std::array<YearOf, N>& published, const std::string& source) {
  std::map<int, YearOf> shipped;
  for (const std::string& key : table().keys())
    for (const int of_year : table().years(key)) {
      const GridEntry grid = *table().find(key, of_year);
      if (!grid.provenance.source.starts_with(source) ||
          grid.place.find(", on the grid of ") != std::string::npos)
        continue;
      ++shipped[of_year].count;
      shipped[of_year].sum += grams(grid);
    }
  for (const YearOf& expected : published) {
    SCOPED_TRACE(expected.year_of);
    EXPECT_EQ(shipped[expected.year_of].count, expected.count);
    EXPECT_NEAR(shipped[expected.year_of].sum, expected.sum, 0.006);
  }
  EXPECT_EQ(shipped.size(), N);
}

TEST(GridTable, HoldsEveryCountryAndYearOfThePublishersTable) {
  constexpr std::array<YearOf, 34> kPublished = {
      {{1990, 33, 17129.90},   {1991, 33, 16742.60},   {1992, 33, 16855.40},   {1993, 33, 16476.10},
       {1994, 33, 16219.30},   {1995, 33, 16010.20},   {1996, 33, 15645.60},   {1997, 33, 15569.30},
       {1998, 33, 15231.60},   {1999, 33, 15117.60},   {2000, 211, 102961.80}, {2001, 211, 103527.80},
       {2002, 211, 103378.90}, {2003, 212, 104774.20}, {2004, 212, 104250.80}, {2005, 213, 105020.80},
       {2006, 213, 104989.80}, {2007, 213, 105127.60}, {2008, 213, 104717.70}, {2009, 213, 103967.10},
       {2010, 213, 102890.00}, {2011, 213, 103420.00}, {2012, 213, 103631.30}, {2013, 213, 102032.10},
       {2014, 213, 102736.70}, {2015, 213, 103185.90}, {2016, 213, 103087.00}, {2017, 213, 102179.20},
       {2018, 213, 100498.80}, {2019, 213, 100119.60}, {2020, 213, 97433.00},  {2021, 213, 96178.40},
       {2022, 209, 94525.60},  {2023, 80, 30142.00}}};
  expect_sums(kPublished, "Our World in Data");
}

TEST(GridTable, HoldsEveryRegionAndYearThatGooglePublished) {
  constexpr std::array<YearOf, 6> kPublished = {{{2019, 24, 9566.00},
                                                 {2020, 27, 11114.00},
                                                 {2021, 33, 10755.00},
                                                 {2022, 35, 12170.00},
                                                 {2023, 40, 13495.00},
                                                 {2024, 44, 13642.60}}};
  expect_sums(kPublished, "Google Cloud");
}

// Single figures of the publishers' files, from both ends of the tables and from where they once were wrong.
TEST(GridTable, SingleFiguresAreThePublishers) {
  const std::map<std::string, double> kPublished = {
      {"USA-2023", 369.473},        {"GBR-2023", 237.6},         {"FRA-2023", 56.039},
      {"DEU-2023", 380.951},        {"SWE-2023", 40.695},        {"POL-2023", 661.926},
      {"CHN-2023", 582.317},        {"IND-2023", 713.441},       {"ISL-2022", 27.68},
      {"AFG-2022", 132.53},         {"ABW-2022", 561.224},       {"World-2023", 480.849},
      {"Taiwan-2024", 439.29},      {"Oregon-2024", 79.23},      {"Stockholm-2024", 2.73},
      {"Montreal-2024", 5.48},      {"Iowa-2019", 479.0},        {"Las-Vegas-2022", 396.0},
      {"Johannesburg-2023", 646.0}, {"Netherlands-2024", 208.81}};
  for (const auto& [name, published] : kPublished) {
    const auto grid = table().find(name);
    ASSERT_TRUE(grid) << name;
    EXPECT_NEAR(grams(*grid), published, 0.0501) << name;
  }
}

// Names of before there were tables.
TEST(GridTable, OldNamesGoOnWorking) {
  for (const char* name : {"USA-2023", "GBR-2023", "FRA-2023", "ZAF-2023", "ISL-2022", "World-2023",
                           "Hong-Kong-2024", "North-Virginia-2024", "Sao-Paulo-2024", "Netherlands-2024",
                           "Tel-Aviv-2024", "US-2018", "US-2020", "Sweden-marginal-2022"})
    EXPECT_EQ(Catalogue::shipped()->grid(name).name, name);
}

TEST(GridTable, ScopesAreThePublishers) {
  std::set<std::string> countries;
  for (const GridEntry& grid : Catalogue::shipped()->grids()) {
    const std::string& source = grid.provenance.source;
    if (source.starts_with("Our World in Data") && grid.kind != "cloud region") {
      EXPECT_EQ(grid.nature.scope, SignalScope::life_cycle) << grid.name;
      EXPECT_TRUE(grid.provenance.verified) << grid.name;
      countries.insert(grid.place);
    } else if (source.starts_with("Google Cloud")) {
      EXPECT_EQ(grid.nature.scope, grid.of_year <= 2020 ? SignalScope::life_cycle : SignalScope::direct)
          << grid.name;
      EXPECT_EQ(grid.provenance.published, std::max(2021, grid.of_year + 1)) << grid.name;
    } else if (source.find("total output emission rate") != std::string::npos) {
      EXPECT_EQ(grid.nature.scope, SignalScope::direct) << grid.name;
      EXPECT_FALSE(grid.provenance.verified) << grid.name;
    }
  }
  EXPECT_EQ(countries.size(), 213U + 2U);  // with Kosovo and the world, which have no ISO code
}

TEST(GridTable, RegionsOfAwsAndAzureSayWhoseFigureTheyTake) {
  std::size_t regions = 0;
  for (const std::string& key : table().keys()) {
    if (!key.starts_with("aws-") && !key.starts_with("azure-")) continue;
    ++regions;
    const int of_year = table().years(key).back();
    const GridEntry grid = *table().find(key, of_year);
    const std::size_t at = grid.place.find(", on the grid of ");
    ASSERT_NE(at, std::string::npos) << grid.place;
    const GridEntry whose = *table().find(grid.place.substr(at + 17), of_year);
    EXPECT_EQ(grid.intensity, whose.intensity) << key;
    EXPECT_EQ(grid.nature, whose.nature) << key;
    EXPECT_FALSE(grid.provenance.verified) << key;
    EXPECT_NE(grid.provenance.source.find("by its location"), std::string::npos) << key;
    EXPECT_NE(grid.digest, whose.digest) << key;
  }
  EXPECT_GE(regions, 100U);
}

TEST(GridTable, WaterOfPowerStationsIsKnownWhereItIsPublished) {
  EXPECT_DOUBLE_EQ(*table().find("USA-2019")->water / (litre / kilowatt_hour), 3.142);
  EXPECT_DOUBLE_EQ(*table().find("CHN-2023")->water / (litre / kilowatt_hour), 6.016);
  EXPECT_DOUBLE_EQ(*table().find("aws-cn-north-1-2023")->water / (litre / kilowatt_hour), 6.016);
  EXPECT_FALSE(table().find("USA-2019")->record.find("water.consumption")->provenance.verified);
  EXPECT_FALSE(table().find("FRA-2023")->water);
  EXPECT_FALSE(table().find("SRVC-2024")->water) << "the nation's mean is not the subregion's";
}

TEST(GridNames, AreIsoCodesNamesAndCloudRegions) {
  const std::map<std::string, std::string> kNames = {{"FRA", "FRA-2023"},
                                                     {"fra", "FRA-2023"},
                                                     {"fr", "FRA-2023"},
                                                     {"France", "FRA-2023"},
                                                     {"UK", "GBR-2023"},
                                                     {"United Kingdom", "GBR-2023"},
                                                     {"south_korea", "KOR-2023"},
                                                     {"ISL", "ISL-2022"},
                                                     {"fr-2019", "FRA-2019"},
                                                     {"us", "USA-2023"},
                                                     {"World", "World-2023"},
                                                     {"europe-west9", "Paris-2024"},
                                                     {"gcp:europe-west9", "Paris-2024"},
                                                     {"gcp:us-west1-2019", "Oregon-2019"},
                                                     {"eu-west-3", "aws-eu-west-3-2023"},
                                                     {"aws:eu-west-3", "aws-eu-west-3-2023"},
                                                     {"aws:us-east-1", "aws-us-east-1-2024"},
                                                     {"westeurope", "azure-westeurope-2023"},
                                                     {"azure:westeurope", "azure-westeurope-2023"},
                                                     {"West Europe", "azure-westeurope-2023"},
                                                     {"CAMX", "CAMX-2024"},
                                                     {"US-VA", "US-VA-2022"},
                                                     {"Virginia", "US-VA-2022"}};
  for (const auto& [written, name] : kNames) EXPECT_EQ(refusal(written), "accepted as " + name) << written;
}

TEST(GridNames, OfSeveralPlacesAreRefusedWithAllOfThem) {
  EXPECT_EQ(refusal("Georgia"),
            "grid 'Georgia' is ambiguous: write GEO-2023 (country), Georgia-2024 (cloud region) or "
            "US-GA-2022 (state)");
  EXPECT_EQ(refusal("Finland"),
            "grid 'Finland' is ambiguous: write FIN-2023 (country) or Finland-2024 (cloud region)");
}

TEST(GridNames, UnknownOnesAndYearsAreRefused) {
  EXPECT_EQ(refusal("fr-2030"), "grid 'fr-2030': FRA has no figure of 2030, only of 1990 to 2023");
  EXPECT_TRUE(refusal("Frence").starts_with(
      "unknown grid 'Frence'. Did you mean France? (tonne list grids shows all "));
  EXPECT_TRUE(refusal("US-2108").starts_with("unknown grid 'US-2108'. Did you mean US-2018?"));
  EXPECT_EQ(refusal("30 g"),
            "unknown grid '30 g': a figure of your own is {intensity: 400 g/kWh} in a file, --intensity of "
            "tonne estimate");
  EXPECT_TRUE(refusal("").starts_with("unknown grid ''"));
  EXPECT_TRUE(refusal(":").starts_with("unknown grid ':'"));
  EXPECT_EQ(refusal("..").find("Did you mean ?"), std::string::npos) << refusal("..");
  EXPECT_TRUE(refusal(std::string(100'000, 'x')).starts_with("unknown grid 'xxx"));
}

// No two places share a code or a region, so that none of them is refused; names may be of several.
TEST(GridNames, EveryCodeAndRegionMeansOnePlace) {
  for (const std::string& alias : table().aliases()) {
    if (alias.empty() || (alias.size() > 3 && alias.find(':') == std::string::npos)) continue;
    EXPECT_EQ(table().called(alias).size(), 1U) << alias;
  }
}

TEST(GridNames, EveryGridAndFacilityMakesACostModel) {
  ClusterSettings settings;
  for (const GridEntry& grid : Catalogue::shipped()->latest_grids()) {
    settings.grid = grid.name;
    EXPECT_EQ(resolve_machine(settings).grid.mean({}, {}), grid.intensity) << grid.name;
  }
  for (const Facility& facility : Catalogue::shipped()->facilities()) {
    settings.facility.name = facility.name;
    EXPECT_EQ(resolve_machine(settings).pue, facility.pue) << facility.name;
  }
}

TEST(GridNames, TheSummaryTellsWhichOneWasTaken) {
  ClusterSettings settings;
  settings.grid = "fr";
  EXPECT_NE(settings.summary().find("FRA-2023 (56 g/kWh)"), std::string::npos) << settings.summary();
  ClusterSettings named = settings;
  named.grid = "FRA-2023";
  EXPECT_EQ(content_digest(settings), content_digest(named));
}

TEST(GridTable, FaultsAreToldWithTheirLine) {
  const auto fault = [](const std::string& text) {
    try {
      static_cast<void>(GridTable::parse(text, "t.csv"));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  const std::string source = "source;s;average;direct;2024;-;Somebody\n";
  EXPECT_EQ(fault(source + "grid;A;country;Atlantis;s;AT;2020=5 2021=6\nlike;b;cloud region;B;A;x:b\n"),
            "none");
  EXPECT_EQ(fault("# a comment\n\ngrid;A;country;Atlantis;s;;2020=5\n"), "t.csv:3: there is no source 's'");
  EXPECT_EQ(
      fault(source + "grid;A;country;Atlantis;s;2020=5\n"),
      "t.csv:2: a line begins with source or grid and has 7 fields, with like and has 6, or with water and "
      "has 4; found 'grid' with 6");
  EXPECT_EQ(fault(source + "grid;A;country;Atlantis;s;;2020:5\n"), "t.csv:2: '2020:5' is no year=figure");
  EXPECT_EQ(fault(source + "grid;A;country;Atlantis;s;;2020=much\n"),
            "t.csv:2: 'much' is no intensity in g/kWh");
  EXPECT_EQ(fault("source;s;average;chimney;2024;-;Somebody\n"),
            "t.csv:1: 'average' and 'chimney' are no kind and scope");
  EXPECT_EQ(fault("source;s;average;direct;soon;-;Somebody\n"), "t.csv:1: 'soon' is no year of publication");
  EXPECT_EQ(fault(source + "like;b;cloud region;B;A;x:b\n"),
            "t.csv: b stands on the grid 'A', which is not there");
}

}  // namespace
}  // namespace tonne
