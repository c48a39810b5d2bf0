// CMA-ES: Hansen 2016, "The CMA Evolution Strategy: A Tutorial" (arXiv 1604.00772), with active covariance
// update (cma_distribution), its stopping criteria (cma_stopping) and restarts (cma_restarts).
//
// Where the tutorial is silent:
// - The start is uniform in the unit cube, sigma a part of the parameters' range.
// - The box. `resample`: a sample outside is drawn again, up to a hundred times (less often above 30
//   coordinates), and then cut (CyberAgent's cmaes). `reflect`: it is reflected where it is evaluated; the
//   distribution keeps the unreflected one.
// - Integers and ordinals are one coordinate and take the value whose cell holds it. `margin` (cma_margin)
//   keeps their neighbours within reach; with `rounding` their standard deviation does not fall below a
//   fifth of a cell.
// - Categoricals. `catcma` (category_distribution): a categorical distribution each, beside the normal one;
//   the step sizes of the two do not meet. `one_hot`: a coordinate for each choice, and the largest wins.
// - Coordinates and categories of inactive parameters take part.
// - Workers: samples are drawn from the present distribution whenever a worker asks; the first lambda that
//   end make a generation. One that was drawn from an older distribution counts with its place relative to
//   the present mean, shortened if it lies improbably far (injection). Fresh samples are shortened alike,
//   which meets one of 100 in ten dimensions and one of 11 in one. When the search begins anew, what still
//   runs is forgotten.
// - Failed candidates rank last; a generation that failed as a whole begins the search anew elsewhere.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/evolution/category_distribution.h"
#include "search/strategies/evolution/cma_distribution.h"
#include "search/strategies/evolution/cma_layout.h"
#include "search/strategies/evolution/cma_margin.h"
#include "search/strategies/evolution/cma_restarts.h"
#include "search/strategies/evolution/cma_stopping.h"
#include "search/strategies/evolution/trial_rows.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

/// More coordinates than this make an eigendecomposition slower than any evaluation that it saves.
constexpr std::size_t kMostCoordinates = 300;
/// Draws of a sample inside the box before it is cut (CyberAgent's cmaes), and coordinates drawn for one
/// sample: in many dimensions hardly any sample of the first generations lies inside.
constexpr std::size_t kMostResamples = 100;
constexpr std::size_t kMostDrawnCoordinates = 3000;
constexpr double kFailed = std::numeric_limits<double>::infinity();

struct CmaEsSettings {
  std::optional<std::int64_t> population;  ///< lambda; none: 4 + floor(3 ln n), eq. 48
  double sigma = 0.3;                      ///< first step size, in parts of the range; tutorial, appendix A
  bool active = true;                      ///< negative weights for the worse half, eq. 53
  Restarts restarts = Restarts::ipop;
  BoxHandling bounds = BoxHandling::resample;
  IntegerHandling integers = IntegerHandling::margin;
  CategoryHandling categories = CategoryHandling::catcma;

  void visit(SettingsVisitor& visitor) {
    visitor.optional_integer("population", population, Bounds::between(4, 1e5),
                             "candidates per generation; default: 4 + 3 ln(coordinates)");
    visitor.number("sigma", sigma, {0.0, 1.0, true},
                   "initial standard deviation, as a fraction of the range");
    visitor.flag("active", active, "active CMA: learn from the worse half of each generation too");
    visitor.choice(
        "restarts", restarts, kRestartsNames,
        "when a run has converged, begin another: ipop doubles the population, bipop takes turns between "
        "large and small ones");
    visitor.choice("bounds", bounds, kBoxHandlingNames,
                   "a sample outside the box is drawn again, or reflected at its sides");
    visitor.choice(
        "integers", integers, kIntegerHandlingNames,
        "integers and ordinals: keep a least probability of the neighbouring values (CMA-ES with margin), "
        "or a least standard deviation");
    visitor.choice(
        "categories", categories, kCategoryHandlingNames,
        "categoricals: learn the probability of each choice (CatCMA), or a coordinate for each choice");
  }
  [[nodiscard]] CmaLayout layout(const SearchSpace& space) const { return {space, integers, categories}; }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
};

class CmaEs final : public Strategy {
 public:
  CmaEs(const CmaEsSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        layout_(settings.layout(context.space)),
        n_(layout_.coordinates().size()),
        distribution_(n_, settings.active),
        categories_(layout_.category_sizes()),
        restarts_(settings.restarts, first_population(), settings.sigma),
        stretch_(n_, 1.0),
        rows_(padded(n_) + categories_.size()),
        sampled_(padded(n_), 0.0) {
    for (const CmaLayout::Coordinate& coordinate : layout_.coordinates()) {
      constexpr double kAnywhere = std::numeric_limits<double>::infinity();
      least_.push_back(coordinate.in_box ? 0.0 : -kAnywhere);
      most_.push_back(coordinate.in_box ? 1.0 : kAnywhere);
      moves_samples_ = moves_samples_ || coordinate.has_margin;
      corrects_ = corrects_ || coordinate.has_margin || coordinate.least_deviation > 0.0;
    }
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (!running_) begin(random);
    distribution_.decompose();
    const std::size_t row = rows_.put(id);
    double* const x = rows_[row];
    rows_.label(row) = {draw(random, x), distribution_.generations()};
    categories_.draw(random, x + padded(n_));
    return Proposal{.configuration = layout_.configuration(evaluated(x), x + padded(n_)),
                    .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    const std::size_t row = rows_.take(trial.id);
    if (row == rows_.kNone) return;
    const bool usable = trial.completed() && !std::isnan(trial.loss());
    generation_.push_back({row, usable ? trial.loss() : kFailed, trial.id});
    if (generation_.size() == restarts_.run().population) update();
  }

  [[nodiscard]] Work computed() const override {
    return (distribution_.operations() + categories_.operations()) * flop;
  }

 private:
  struct Label {
    double squared_length = 0.0;  // negative: cut, so that it is not known
    std::int64_t generation = 0;
  };
  struct Member {
    std::size_t row;
    double loss;
    TrialId id;
  };

  [[nodiscard]] std::size_t first_population() const {
    if (settings_.population) return static_cast<std::size_t>(*settings_.population);
    return 4 + static_cast<std::size_t>(std::floor(3.0 * std::log(static_cast<double>(dimensions()))));
  }
  [[nodiscard]] std::size_t dimensions() const {
    return std::max<std::size_t>(n_ + layout_.category_sizes().size(), 1);
  }

  void begin(Random& random) {
    if (has_run_) restarts_.advance(evaluations_, random);
    has_run_ = true;
    running_ = true;
    evaluations_ = 0;
    std::vector<double> mean(n_);
    for (double& coordinate : mean) coordinate = random.uniform();
    const CmaRestarts::Run& run = restarts_.run();
    distribution_.begin(mean, run.sigma, run.population);
    categories_.begin();
    stopping_.begin(dimensions(), run.population, run.sigma);
    std::ranges::fill(stretch_, 1.0);
    correct();
  }

  // The squared length of the sample in the distribution's measure; negative where it was cut.
  double draw(Random& random, double* x) {
    double squared = distribution_.draw(random, x);
    if (settings_.bounds == BoxHandling::reflect) return squared;
    const std::size_t most = std::min(kMostResamples, kMostDrawnCoordinates / std::max<std::size_t>(n_, 1));
    bool inside = is_inside(x);
    for (std::size_t draws = 1; draws < most && !inside; ++draws) {
      squared = distribution_.draw(random, x);
      inside = is_inside(x);
    }
    if (inside) return squared;
    for (std::size_t i = 0; i < n_; ++i) x[i] = std::clamp(x[i], least_[i], most_[i]);
    return -1.0;
  }

  [[nodiscard]] bool is_inside(const double* x) const {
    bool inside = true;
    for (std::size_t i = 0; i < n_; ++i) inside = inside && x[i] >= least_[i] && x[i] <= most_[i];
    return inside;
  }

  // Where a sample is evaluated: within the box, and discrete coordinates as far from the mean as their
  // margin asks.
  const double* evaluated(const double* x) {
    if (!moves_samples_) return x;
    for (std::size_t i = 0; i < n_; ++i) {
      const double mean = distribution_.mean(i);
      const bool margin = layout_.coordinates()[i].has_margin;
      sampled_[i] = margin ? mean + stretch_[i] * (x[i] - mean) : reflected(x[i]);
    }
    return sampled_.data();
  }

  void update() {
    std::ranges::sort(generation_, [](const Member& a, const Member& b) {
      return a.loss != b.loss ? a.loss < b.loss : a.id < b.id;
    });
    evaluations_ += generation_.size();
    if (generation_.front().loss == kFailed) return leave();
    learn();
    for (const Member& member : generation_) rows_.release(member.row);
    generation_.clear();
    if (settings_.restarts != Restarts::none && has_ended()) leave();
  }

  void learn() {
    samples_.clear();
    choices_.clear();
    losses_.clear();
    for (const Member& member : generation_) {
      const Label& label = rows_.label(member.row);
      const bool fresh = label.generation == distribution_.generations();
      samples_.push_back({rows_[member.row], fresh ? label.squared_length : -1.0});
      choices_.push_back(rows_[member.row] + padded(n_));
      losses_.push_back(member.loss);
    }
    const CmaParameters& parameters = distribution_.parameters();
    categories_.update(choices_, std::span(parameters.weights).first(parameters.mu));
    distribution_.update(samples_);
    correct();
    stopping_.record(losses_);
  }

  // Keeps the neighbours of discrete values within reach.
  void correct() {
    if (!corrects_) return;
    const double population = static_cast<double>(restarts_.run().population);
    const double alpha =
        1.0 / (static_cast<double>(std::max<std::size_t>(n_, 1)) * population);  // Hamano et al. 2022
    for (std::size_t i = 0; i < n_; ++i) {
      const CmaLayout::Coordinate& coordinate = layout_.coordinates()[i];
      if (coordinate.least_deviation > 0.0) distribution_.keep_deviation(i, coordinate.least_deviation);
      if (!coordinate.has_margin) continue;
      const Marginal marginal{distribution_.mean(i), stretch_[i]};
      const Cell cell = cell_at(space_[coordinate.parameter].domain, marginal.mean);
      const Marginal corrected = with_margin(marginal, cell, distribution_.deviation(i), alpha);
      distribution_.set_mean(i, corrected.mean);
      stretch_[i] = corrected.stretch;
    }
  }

  [[nodiscard]] bool has_ended() {
    const std::size_t most = restarts_.run().most_evaluations;
    if (most > 0 && evaluations_ >= most) return true;
    return stopping_.reason(distribution_).has_value();
  }

  // The next ask begins elsewhere. What still runs was drawn from the distribution that is given up.
  void leave() {
    running_ = false;
    generation_.clear();
    rows_.clear();
  }

  CmaEsSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  CmaLayout layout_;
  std::size_t n_;

  CmaDistribution distribution_;
  CategoryDistribution categories_;
  CmaStopping stopping_;
  CmaRestarts restarts_;
  bool running_ = false;  // false: the next ask begins a run
  bool has_run_ = false;
  std::size_t evaluations_ = 0;  // of this run

  std::vector<double> least_;  // of each coordinate, where a sample may lie
  std::vector<double> most_;
  bool moves_samples_ = settings_.bounds == BoxHandling::reflect;  // a sample may be evaluated elsewhere
  bool corrects_ = false;                                          // there are discrete coordinates
  std::vector<double> stretch_;  // of each coordinate's deviation, by its margin
  TrialRows<Label> rows_;        // coordinates, padded; then the choices of the categories
  std::vector<Member> generation_;
  std::vector<double> sampled_;
  std::vector<CmaDistribution::Sample> samples_;
  std::vector<const double*> choices_;
  std::vector<double> losses_;
};

std::optional<std::string> CmaEsSettings::refuses(const StrategyContext& context) const {
  const std::size_t coordinates = layout(context.space).coordinates().size();
  if (coordinates <= kMostCoordinates) return std::nullopt;
  const std::string per_category = categories == CategoryHandling::one_hot ? ", one per category" : "";
  return "it would need " + std::to_string(coordinates) + " coordinates (one per number" + per_category +
         "); the limit is " + std::to_string(kMostCoordinates);
}

}  // namespace

std::unique_ptr<StrategyRecipe> make_cma_es_recipe() {
  return std::make_unique<BasicStrategyRecipe<CmaEsSettings, CmaEs>>();
}

}  // namespace tonne
