#include "search/strategies/model_based/tree_candidates.h"

#include <algorithm>

#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

void add_choices(const SearchSpace& space, const Configuration& centre, std::size_t i, Random& random,
                 std::vector<Configuration>& out) {
  const auto choices = static_cast<std::size_t>(*cardinality(space[i].domain));
  for (std::size_t choice = 0; choice < choices; ++choice) {
    if (choice == centre.index(i)) continue;
    out.push_back(centre);
    out.back().set(i, static_cast<double>(choice));
    if (space.has_conditions()) space.repair(out.back(), random);
  }
}

}  // namespace

void add_neighbours(const SearchSpace& space, const Configuration& centre, std::size_t per_number,
                    double step, Random& random, std::vector<Configuration>& out) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!can_move(space, centre, i)) continue;
    if (is_categorical(space[i].domain)) {
      add_choices(space, centre, i, random, out);
      continue;
    }
    for (std::size_t k = 0; k < per_number; ++k) {
      out.push_back(centre);
      perturb(space, out.back(), i, step, random);
    }
  }
}

void draw_candidates(const SearchSpace& space, std::int64_t count, const Known& known, Random& random,
                     std::vector<Configuration>& out) {
  out.clear();
  for (std::int64_t i = 0; i < count; ++i) out.push_back(space.sample(random));
  std::erase_if(out, known);
}

Configuration draw_unknown(const SearchSpace& space, const Known& known, Random& random) {
  constexpr int kMostRedraws = 1000;
  Configuration sample = space.sample(random);
  for (int i = 0; i < kMostRedraws && known(sample); ++i) sample = space.sample(random);
  return sample;
}

bool refit_due(std::size_t updates, std::size_t fitted_at, double growth) {
  const auto waited = static_cast<double>(updates - fitted_at);
  return fitted_at == 0 || waited >= std::max(1.0, growth * static_cast<double>(fitted_at));
}

}  // namespace tonne
