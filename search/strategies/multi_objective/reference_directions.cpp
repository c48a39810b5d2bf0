#include "search/strategies/multi_objective/reference_directions.h"

#include <array>

namespace tonne {
namespace {

constexpr std::array<std::int64_t, kMaxObjectives + 1> kUsualDivisions = {1, 1, 99, 12, 8, 6};  // by objectives
constexpr double kMostDirections = 1e5;

void append(std::vector<Objectives>& all, Objectives& begun, std::size_t m, std::int64_t left,
            std::int64_t divisions) {
  if (begun.size() + 1 == m) {
    all.push_back(begun);
    all.back().push_back(static_cast<double>(left) / static_cast<double>(divisions));
    return;
  }
  for (std::int64_t l = 0; l <= left; ++l) {
    begun.push_back(static_cast<double>(l) / static_cast<double>(divisions));
    append(all, begun, m, left - l, divisions);
    begun.pop_back();
  }
}

// (divisions + m - 1 choose m - 1)
double lattice_size(std::size_t m, std::int64_t divisions) {
  double size = 1.0;
  for (std::size_t j = 1; j < m; ++j)
    size *= (static_cast<double>(divisions) + static_cast<double>(j)) / static_cast<double>(j);
  return size;
}

}  // namespace

std::vector<Objectives> simplex_lattice(std::size_t m, std::int64_t divisions) {
  std::vector<Objectives> all;
  Objectives begun;
  append(all, begun, m, divisions, divisions);
  return all;
}

void ReferenceDirectionSettings::visit(SettingsVisitor& visitor) {
  visitor.optional_integer("divisions", divisions, Bounds::between(1, 99999),
                           "reference directions are multiples of 1 / divisions; default: 99, 12, 8 or 6 for 2, 3, 4 "
                           "or 5 objectives, which are 100, 91, 165 or 210 directions");
  visitor.integer("inner_divisions", inner_divisions, Bounds::between(0, 99999),
                  "the same of a second layer of directions, half way to the centre; 0: none");
}

std::optional<std::string> ReferenceDirectionSettings::refuses(std::size_t m) const {
  const double inner = inner_divisions > 0 ? lattice_size(m, inner_divisions) : 0.0;
  if (lattice_size(m, divisions.value_or(kUsualDivisions[m])) + inner <= kMostDirections) return std::nullopt;
  return "the reference directions of " + std::to_string(m) +
         " objectives would be more than 100,000: choose fewer divisions";
}

std::vector<Objectives> ReferenceDirectionSettings::directions(std::size_t m) const {
  std::vector<Objectives> all = simplex_lattice(m, divisions.value_or(kUsualDivisions[m]));
  if (inner_divisions == 0) return all;
  for (Objectives direction : simplex_lattice(m, inner_divisions)) {
    for (double& part : direction) part = 0.5 * (part + 1.0 / static_cast<double>(m));
    all.push_back(direction);
  }
  return all;
}

}  // namespace tonne
