#include "cost_models/act.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"

namespace tonne {
namespace {

// Per cm2 of wafer: energy (kWh) and gases (g CO2e) at 95 % and 99 % abatement. ACT 2022, appendix.
struct Node {
  std::int64_t nanometres;
  double energy;
  double gas_95;
  double gas_99;
};
constexpr auto kNodes = std::to_array<Node>({
    {28, 0.90, 175.0, 100.0},
    {20, 1.2, 190.0, 110.0},
    {14, 1.2, 200.0, 125.0},
    {10, 1.475, 240.0, 150.0},
    {8, 1.52, 240.0, 150.0},
    {7, 2.15, 350.0, 200.0},
    {5, 2.75, 430.0, 225.0},
    {3, 3.25, 470.0, 275.0},
});
constexpr double kMaterials = 500.0;  // g CO2e per cm2, ACT 2022, appendix

// g CO2e per GB, ACT 2022, appendix (from SK hynix).
struct Memory {
  std::string_view type;
  double per_gigabyte;
};
constexpr auto kDram = std::to_array<Memory>({
    {"ddr3_50nm", 600.0},
    {"ddr3_40nm", 315.0},
    {"ddr3_30nm", 230.0},
    {"lpddr3_30nm", 201.0},
    {"lpddr3_20nm", 184.0},
    {"lpddr2_20nm", 159.0},
    {"lpddr4", 48.0},
    {"ddr4_10nm", 65.0},
});
constexpr auto kSsd = std::to_array<Memory>({
    {"nand_30nm", 31.0},
    {"nand_20nm", 15.0},
    {"nand_10nm", 10.0},
    {"nand_tlc_1z", 5.6},
    {"nand_tlc_v3", 6.3},
});

std::vector<std::string> names_of(std::span<const Memory> table) {
  std::vector<std::string> names;
  for (const Memory& memory : table) names.emplace_back(memory.type);
  return names;
}

Carbon memory_carbon(std::span<const Memory> table, std::string_view what, std::string_view type,
                     Bytes capacity, double yield) {
  const auto found = std::ranges::find(table, type, &Memory::type);
  if (found == table.end()) {
    const std::vector<std::string> names = names_of(table);
    const std::string hint = did_you_mean(type, names);
    throw InputError(fmt::format("unknown {} type '{}'. {}{}Known: {}", what, printable(type.substr(0, 64)),
                                 hint, hint.empty() ? "" : " ", join_names(names)));
  }
  return capacity / gigabyte * (found->per_gigabyte * gram) / yield;
}

double gases(const Node& node, GasAbatement abatement) {
  if (abatement == GasAbatement::percent_95) return node.gas_95;
  if (abatement == GasAbatement::percent_99) return node.gas_99;
  return (node.gas_95 + node.gas_99) / 2.0;
}

}  // namespace

std::vector<std::int64_t> fab_nodes() {
  std::vector<std::int64_t> nodes;
  for (const Node& node : kNodes) nodes.push_back(node.nanometres);
  return nodes;
}

std::vector<std::string> dram_types() {
  return names_of(kDram);
}
std::vector<std::string> ssd_types() {
  return names_of(kSsd);
}

Carbon die_carbon(Area area, const Fab& fab) {
  const auto node = std::ranges::find(kNodes, fab.node, &Node::nanometres);
  if (node == kNodes.end())
    throw InputError(fmt::format("no published figures for a {} nm node. Known: {} (nm; no interpolation)",
                                 fab.node, fmt::join(fab_nodes(), ", ")));
  const Carbon per_square_centimetre =
      fab.electricity * (node->energy * kilowatt_hour) + (gases(*node, fab.abatement) + kMaterials) * gram;
  return area / square_centimetre * per_square_centimetre / fab.yield;
}

Carbon dram_carbon(std::string_view type, Bytes capacity, double yield) {
  return memory_carbon(kDram, "DRAM", type, capacity, yield);
}

Carbon ssd_carbon(std::string_view type, Bytes capacity, double yield) {
  return memory_carbon(kSsd, "SSD", type, capacity, yield);
}

}  // namespace tonne
