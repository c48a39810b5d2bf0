// BOHB: Falkner, Klein and Hutter 2018, "BOHB: Robust and Efficient Hyperparameter Optimization at Scale",
// ICML. The symbols are those of section 4; the details that the paper leaves out are HpBandSter's (from
// memory, not checked).
//
// Hyperband decides how many configurations train how long. Which ones, a model does: of the observations D_b
// at fidelity b, the N_b,l best give the density l(x), the N_b,g worst g(x) (eq. 3), with
//     N_b,l = max(N_min, q N_b),   N_b,g = max(N_min, N_b - N_b,l).
// Of N_s draws from l' (l with bandwidths b_w times as wide) the one with the greatest l(x) / g(x) is
// proposed. The model stands on the largest fidelity at which both have N_min = d + 1 observations; a part
// rho of the configurations is drawn at random (algorithm 2).
//
// Where the paper is silent, or this differs:
// - Good and bad observations are kept apart, so that a model needs 2 N_min of them. (The paper asks for N_min + 2, of
//   which some then count as both.)
// - A failed trial is an observation with an infinite loss.
// - Kernels: see ProductKde (integers and ordinals as numbers; categorical bandwidths that no order of the
// choices sways).
// - HpBandSter rounds brackets' sizes down; `sizes: floor` does, ceil (the paper of Hyperband) is the
// default.
// - What was proposed before, whatever became of it, is not proposed again (`repeat: true`: it may be). In small discrete
//   spaces the best of N_s draws is a known one more often than not, and training it again teaches nothing; Syne Tune leaves
//   them out likewise (allow_duplicates false). Where no draw is new a random configuration is taken that is, and where
//   none of those is found, a known one.
// - Workers: as Hyperband; running trials do not enter the model.

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/surrogates/product_kde.h"

namespace tonne {
namespace {

/// Defaults: Falkner et al. 2018, section 4.2, and HpBandSter.
struct BohbSettings {
  HyperbandSettings hyperband;
  double top = 0.15;                       ///< q
  std::int64_t samples = 64;               ///< N_s
  double random_fraction = 1.0 / 3.0;      ///< rho
  double bandwidth_factor = 3.0;           ///< b_w
  double min_bandwidth = 1e-3;             ///< of the kernels, in parts of a parameter's range
  std::optional<std::int64_t> min_points;  ///< N_min; none: d + 1, which is also the least
  bool repeat = false;                     ///< as in Syne Tune; HpBandSter repeats

  void visit(SettingsVisitor& visitor) {
    hyperband.visit(visitor);
    visitor.number("top", top, {0.0, 1.0, true}, "fraction of observations that count as good");
    visitor.integer("samples", samples, Bounds::between(1, 1e6),
                    "candidates drawn from l(x); the best one is proposed");
    visitor.number("random_fraction", random_fraction, Bounds::between(0, 1),
                   "fraction of configurations drawn at random");
    visitor.number("bandwidth_factor", bandwidth_factor, Bounds::between(1e-3, 1e3),
                   "factor on bandwidths when sampling");
    visitor.number("min_bandwidth", min_bandwidth, Bounds::between(1e-6, 1),
                   "smallest bandwidth, as a fraction of the parameter's range");
    visitor.optional_integer(
        "min_points", min_points, Bounds::between(1, 1e6),
        "good and bad observations needed to fit a model; default and minimum: parameters + 1");
    visitor.flag("repeat", repeat, "propose configurations again that were proposed before");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return hyperband.refuses(context);
  }
};

class Bohb final : public Strategy {
 public:
  Bohb(const BohbSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        cardinality_(context.space.cardinality()),
        min_points_(
            std::max(static_cast<std::size_t>(settings.min_points.value_or(0)), context.space.size() + 1)),
        brackets_(settings.hyperband.brackets(context), static_cast<std::uint64_t>(settings.hyperband.rounds),
                  settings.hyperband.barrier),
        data_(context.space),
        l_(data_, settings.min_bandwidth),
        g_(data_, settings.min_bandwidth) {}
  Bohb(const Bohb&) = delete;  // the densities refer to data_
  Bohb& operator=(const Bohb&) = delete;

  std::optional<Proposal> ask(TrialId id, Random random) override {
    return brackets_.ask(id, [&] { return Proposal{.configuration = draw(random)}; });
  }

  void tell(const Trial& trial) override {
    if (!brackets_.tell(trial)) return;
    const bool completed = trial.completed() && !std::isnan(trial.loss());
    observe(trial, completed ? trial.loss() : std::numeric_limits<double>::infinity());
  }

  [[nodiscard]] bool may_resume() const override { return true; }
  [[nodiscard]] Work computed() const override { return (l_.operations() + g_.operations()) * flop; }

 private:
  struct Observation {
    double loss = 0.0;
    std::uint32_t row = 0;  ///< in data_
  };
  // D_b.
  struct Level {
    double fidelity = 0.0;
    std::vector<Observation> by_loss;
  };

  void observe(const Trial& trial, double loss) {
    const double b = trial.proposal.fidelity;
    auto level = std::ranges::lower_bound(levels_, b, {}, &Level::fidelity);
    if (level == levels_.end() || level->fidelity != b) level = levels_.insert(level, {b, {}});
    const Observation observation{loss, data_.append(trial.proposal.configuration)};
    level->by_loss.insert(std::ranges::upper_bound(level->by_loss, loss, {}, &Observation::loss),
                          observation);
    stale_ = true;
  }

  // Algorithm 2.
  Configuration draw(Random& random) {
    fit();
    const bool by_model = fitted_ && !random.bernoulli(settings_.random_fraction);
    std::optional<Configuration> next = by_model ? draw_by_model(random) : std::nullopt;
    if (!next) next = draw_at_random(random);
    if (!settings_.repeat) proposed_.insert(next->digest());
    return *std::move(next);
  }

  // None: no draw was new.
  std::optional<Configuration> draw_by_model(Random& random) {
    std::optional<Configuration> best;
    double best_ratio = -1.0;
    for (std::int64_t i = 0; i < settings_.samples; ++i) {
      Configuration x(space_.size());
      l_.sample(x, settings_.bandwidth_factor, random);
      if (is_known(x)) continue;
      constexpr double kLeast = 1e-32;  // HpBandSter
      const double l = std::max(l_.density(x), kLeast);
      const double ratio = l / std::max(g_.density(x), kLeast);
      if (ratio <= best_ratio) continue;
      best = std::move(x);
      best_ratio = ratio;
    }
    return best;
  }

  Configuration draw_at_random(Random& random) const {
    constexpr int kMostTries = 100;
    Configuration x = space_.sample(random);
    if (cardinality_ && static_cast<double>(proposed_.size()) >= *cardinality_) return x;
    for (int i = 1; i < kMostTries && is_known(x); ++i) x = space_.sample(random);
    return x;
  }

  [[nodiscard]] bool is_known(const Configuration& x) const {
    return !settings_.repeat && proposed_.contains(x.digest());
  }

  // Line 3 and eq. 3: the model of the largest b that has enough observations.
  void fit() {
    if (!stale_) return;
    stale_ = false;
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
      const std::vector<Observation>& d_b = level->by_loss;
      const auto share = static_cast<std::size_t>(settings_.top * static_cast<double>(d_b.size()));
      const std::size_t good = std::max(min_points_, share);
      if (d_b.size() < good + min_points_) continue;
      rows_.clear();
      for (const Observation& observation : d_b) rows_.push_back(observation.row);
      l_.fit(std::span(rows_).first(good));
      g_.fit(std::span(rows_).subspan(good));
      fitted_ = true;
      return;
    }
  }

  BohbSettings settings_;
  const SearchSpace& space_;
  std::optional<double> cardinality_;
  std::size_t min_points_;
  SynchronousBrackets brackets_;
  ParzenData data_;            // the configurations of all observations, by row
  std::vector<Level> levels_;  // ascending in fidelity
  ProductKde l_;
  ProductKde g_;
  bool stale_ = false;               // there are observations that the model has not seen
  bool fitted_ = false;              // there is a model
  std::vector<std::uint32_t> rows_;  // scratch space
  std::unordered_set<std::uint64_t> proposed_;  // digests; for membership only
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_bohb_recipe() {
  return std::make_unique<BasicStrategyRecipe<BohbSettings, Bohb>>();
}

}  // namespace tonne
