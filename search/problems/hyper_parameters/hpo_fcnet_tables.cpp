// The tables of the FCNet family (Klein and Hutter 2019): 62,208 settings on four data sets. Of protein
// structure all quantiles are known, of the others seven. Their settings are taken to rank like protein's,
// and what lies between two known quantiles follows protein's.

#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "search/problems/hyper_parameters/hpo.h"

namespace tonne::hpo {
namespace {

// Rows and inputs: table 1 of Klein and Hutter, from memory; of protein structure as in kRows.
constexpr std::array<FcNetTable, 4> kTables = {
    FcNetTable{kInputs, kRows, .95}, FcNetTable{15.0, 7'160.0, 1.16}, FcNetTable{20.0, 3'525.0, 1.29},
    FcNetTable{385.0, 32'100.0, 1.11}};

// Validation MSE, mean of four seeds, by rank among the settings: the ten best one by one, then quantiles to
// the worst.
constexpr double kLast = 62'207.0;
constexpr std::array<Quantile, 33> kProtein = {
    {{0.0 / kLast, .22138}, {1.0 / kLast, .22242}, {2.0 / kLast, .22282}, {3.0 / kLast, .22305},
     {4.0 / kLast, .22321}, {5.0 / kLast, .22466}, {6.0 / kLast, .22500}, {7.0 / kLast, .22504},
     {8.0 / kLast, .22541}, {9.0 / kLast, .22552}, {.0005, .23055},       {.001, .2336},
     {.002, .23833},        {.005, .24648},        {.01, .25604},         {.02, .26902},
     {.05, .29043},         {.1, .31094},          {.25, .34815},         {.5, .40038},
     {.65, .44435},         {.75, .55251},         {.85, .65394},         {.95, .68061},
     {.97, .87361},         {.98, 1.2629},         {.99, 2.5191},         {.995, 4.8524},
     {.998, 12.395},        {.999, 20.276},        {.9995, 31.608},       {.9998, 49.807},
     {1.0, 488.24}}};

// Minimum, 1, 25, 50, 75, 99 % and maximum of each.
constexpr std::size_t kKnown = 7;
constexpr std::array<double, kKnown> kProteinKnown = {.22138, .25604, .34815, .40038, .55251, 2.5191, 488.24};
constexpr std::array<std::array<double, kKnown>, 4> kOfDataset = {
    {kProteinKnown,
     {3.2e-5, 1.4e-4, .019, .145, 1.0, 4.0, 7'028.0},
     {.0067, .016, .085, .205, .625, 5.9, 5'286.0},
     {1.9e-4, 4.9e-4, .0064, .033, .359, 249.0, 4.1e7}}};

LogLogCurve from_protein(Dataset dataset) {
  std::array<std::pair<double, double>, kKnown> pairs;
  for (std::size_t i = 0; i < kKnown; ++i)
    pairs[i] = {kProteinKnown[i], kOfDataset[static_cast<std::size_t>(dataset)][i]};
  return LogLogCurve(pairs);
}

}  // namespace

const FcNetTable& fcnet_table(Dataset dataset) {
  return kTables[static_cast<std::size_t>(dataset)];
}

FcNetMap::FcNetMap(Dataset dataset, std::vector<double> losses)
    : to_protein_(quantile_map(std::move(losses), kProtein)), from_protein_(from_protein(dataset)) {}

}  // namespace tonne::hpo
