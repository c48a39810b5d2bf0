// NK landscapes: Kauffman and Weinberger 1989, "The NK model of rugged fitness landscapes", Journal of
// Theoretical Biology 141.
//
//     F(x) = 1 / N sum_i f_i(x_i; x_i1, .., x_iK),    f_i independent and uniform on [0, 1)
// for each of the states of site i and its K neighbours: the K sites after it on a ring (adjacent), or K
// others drawn at random. K = 0 is additive; with K = N - 1 all values are independent, and of 2^N states an
// expected 2^N / (N + 1) are local optima.
//
// The maximum is exact where it can be had: for adjacent neighbours by dynamic programming in A^(2K + 1) N
// steps (Weinberger 1996; Wright, Thompson and Zhang 2000), otherwise by trying all of at most 2^20 states.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/functions/evaluation_work.h"
#include "search/problems/landscape/hashed.h"

namespace tonne {
namespace {

constexpr std::size_t kMostSites = 64;
constexpr double kMostStates = 1 << 20;      // that are tried
constexpr double kMostSteps = 20'000'000.0;  // of the dynamic program
constexpr double kMostTabulated = 1 << 20;   // contributions; beyond that they are hashed at each evaluation

enum class Neighbours : std::uint8_t { adjacent, random };
constexpr std::array<std::string_view, 2> kNeighbourNames = {"adjacent", "random"};

struct NkSettings {
  std::int64_t n = 20;
  std::int64_t k = 4;
  std::int64_t alphabet = 2;  ///< Kauffman and Weinberger's
  Neighbours neighbours = Neighbours::adjacent;
  std::int64_t landscape = 0;
  double noise = 0.0;
  Work flops = kSmallTraining;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("n", n, Bounds::between(1, kMostSites), "sites");
    visitor.integer("k", k, Bounds::between(0, kMostSites - 1),
                    "number of sites each site depends on; below n");
    visitor.integer("alphabet", alphabet, Bounds::between(2, 16), "states per site");
    visitor.choice("neighbours", neighbours, kNeighbourNames,
                   "the next k sites on a ring, or k random others");
    visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape");
    visitor.number("noise", noise, Bounds::at_least(0), "sd of the normal noise per evaluation");
    visitor.quantity("flops", flops, Bounds::at_least(0), "work per evaluation");
    visitor.require(k < n, "k", "must be below n");
  }
};

class Nk final : public Problem {
 public:
  explicit Nk(const NkSettings& settings)
      : settings_(settings),
        n_(static_cast<std::size_t>(settings.n)),
        k_(static_cast<std::size_t>(settings.k)),
        a_(static_cast<std::size_t>(settings.alphabet)),
        seed_(mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ 0x4e4bULL)),
        space_(make_space(settings)) {
    traits_.name = "nk/" + std::to_string(n_) + "_" + std::to_string(k_);
    traits_.objectives = {{"fitness", "", Direction::maximise}};
    choose_neighbours();
    tabulate();
    if (settings_.neighbours == Neighbours::adjacent && steps() <= kMostSteps) {
      optimum_ = best_on_ring();
    } else if (std::pow(static_cast<double>(a_), static_cast<double>(n_)) <= kMostStates) {
      optimum_ = best_of_all();
    }
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    State state{};
    for (std::size_t i = 0; i < n_; ++i) state[i] = static_cast<std::uint8_t>(configuration.index(i));
    return fitness(state);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    Outcome outcome;
    outcome.objectives.push_back(true_value(evaluation.configuration) + settings_.noise * random.normal());
    outcome.workload.flops = settings_.flops * (evaluation.to - evaluation.from);
    return outcome;
  }

 private:
  using State = std::array<std::uint8_t, kMostSites>;

  static SearchSpace make_space(const NkSettings& settings) {
    std::vector<std::string> states;
    for (std::int64_t s = 0; s < settings.alphabet; ++s) states.push_back(std::to_string(s));
    std::vector<Parameter> parameters;
    for (std::int64_t i = 0; i < settings.n; ++i)
      parameters.push_back({"x" + std::to_string(i + 1), Categorical{states}, std::nullopt, 0.0});
    return SearchSpace(std::move(parameters));
  }

  void choose_neighbours() {
    Random random = Random(seed_).child("neighbours");
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < n_; ++i) {
      others.clear();
      for (std::size_t j = 1; j < n_; ++j) others.push_back((i + j) % n_);
      for (std::size_t j = 0; j < k_; ++j) {
        if (settings_.neighbours == Neighbours::random) {
          const auto drawn = static_cast<std::size_t>(random.below(others.size() - j));
          std::swap(others[j], others[j + drawn]);
        }
        neighbours_.push_back(static_cast<std::uint8_t>(others[j]));
      }
    }
  }

  // f_i of the states of a neighbourhood, written as a number or, where that is too long, mixed into one.
  [[nodiscard]] double contribution(std::size_t i, std::uint64_t code) const {
    return hashed_uniform(mix_bits(seed_ ^ mix_bits(i)) ^ code);
  }

  void tabulate() {
    const double rows = std::pow(static_cast<double>(a_), static_cast<double>(k_ + 1));
    if (rows * static_cast<double>(n_) > kMostTabulated) return;
    rows_ = static_cast<std::size_t>(rows);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t code = 0; code < rows_; ++code) table_.push_back(contribution(i, code));
  }

  [[nodiscard]] double at(std::size_t i, std::uint64_t code) const {
    return table_.empty() ? contribution(i, code) : table_[i * rows_ + code];
  }

  [[nodiscard]] double fitness(const State& state) const {
    double sum = 0.0;
    const std::uint8_t* neighbour = neighbours_.data();
    for (std::size_t i = 0; i < n_; ++i) {
      std::uint64_t code = state[i];
      for (std::size_t j = 0; j < k_; ++j) code = append(code, state[*neighbour++]);
      sum += at(i, code);
    }
    return sum / static_cast<double>(n_);
  }

  // Numbers below 2^60 are exact; longer neighbourhoods go on as hashes.
  [[nodiscard]] std::uint64_t append(std::uint64_t code, std::uint64_t state) const {
    constexpr std::uint64_t kRoom = std::uint64_t{1} << 60U;
    return (code < kRoom / a_ ? code : mix_bits(code)) * a_ + state;
  }

  [[nodiscard]] double steps() const {
    return std::pow(static_cast<double>(a_), 2.0 * static_cast<double>(k_) + 1.0) * static_cast<double>(n_);
  }

  // Sums in the order of fitness(), so that the optimum is reached to the last bit. With the first k sites
  // held at `first`, the best sum of f_0 .. f_m over all ways to reach each state of the k sites after m; the
  // ring closes when those are `first` again.
  [[nodiscard]] double best_on_ring() const {
    std::size_t windows = 1;
    for (std::size_t j = 0; j < k_; ++j) windows *= a_;
    std::vector<double> sums(windows);
    std::vector<double> next(windows);
    double best = 0.0;
    for (std::size_t first = 0; first < windows; ++first) {
      std::ranges::fill(sums, -std::numeric_limits<double>::infinity());
      sums[first] = 0.0;
      for (std::size_t i = 0; i < n_; ++i) {
        std::ranges::fill(next, -std::numeric_limits<double>::infinity());
        for (std::size_t window = 0; window < windows; ++window) {
          for (std::size_t state = 0; state < a_; ++state) {
            const std::size_t code = window * a_ + state;
            double& sum = next[code % windows];
            sum = std::max(sum, sums[window] + at(i, code));
          }
        }
        std::swap(sums, next);
      }
      best = std::max(best, sums[first]);
    }
    return best / static_cast<double>(n_);
  }

  [[nodiscard]] double best_of_all() const {
    State state{};
    double best = fitness(state);
    while (true) {
      std::size_t i = 0;
      while (i < n_ && ++state[i] == a_) state[i++] = 0;
      if (i == n_) return best;
      best = std::max(best, fitness(state));
    }
  }

  NkSettings settings_;
  std::size_t n_;
  std::size_t k_;
  std::size_t a_;
  std::uint64_t seed_;
  SearchSpace space_;
  ProblemTraits traits_;
  std::vector<std::uint8_t> neighbours_;  // k of each site
  std::size_t rows_ = 0;
  std::vector<double> table_;
  std::optional<double> optimum_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_nk_recipe() {
  return std::make_unique<BasicProblemRecipe<NkSettings, Nk>>();
}

}  // namespace tonne
