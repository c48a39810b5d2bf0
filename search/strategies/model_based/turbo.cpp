// TuRBO: Eriksson, Pearce, Gardner, Turner and Poloczek 2019, "Scalable Global Optimization via Local
// Bayesian Optimization": Gaussian processes in trust regions, Thompson sampling within them, restarts when a
// region has shrunk to nothing. Settings of its supplement D.
//
// Where the paper is silent, or this program differs:
// - Workers: a region's results are counted in batches of so many; a batch with an improvement is a success.
// Failures
//   are counted in evaluations, against max(4, d), which is the paper's max(4/q, d/q) batches of q.
// - Categorical parameters, in the manner of Wan et al. 2021 (CASMOPOLITAN): the region is a Hamming ball
// around its
//   centre, whose radius shrinks with the side length: ceil(min(1, L) n) of n categories, at least one.
// - Integers and ordinals move within the box, which always reaches their neighbours.
// - Failed trials count as the worst loss seen. Nothing is proposed twice while something else is found.

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "core/sobol.h"
#include "search/strategies/sampling/latin_hypercube_design.h"
#include "search/surrogates/encoding.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

constexpr int kMostTries = 1000;          // before the space counts as exhausted
constexpr std::size_t kMostSobol = 1000;  // dimensions; further parameters are drawn
/// An improvement is one by more than this share of the incumbent's size (the authors' program).
constexpr double kLeastImprovement = 1e-3;
constexpr double kPerturbed = 20.0;  // numbers that a candidate changes on average, in a space of more

struct TurboSettings {
  std::int64_t regions = 1;                ///< m; the paper has TuRBO-1, -5 and more
  std::optional<std::int64_t> initial;     ///< of each region; none: 2 d (the authors' examples), at least 4
  std::optional<std::int64_t> candidates;  ///< none: min(5000, 100 d) (supplement D)
  double length = 0.8;                     ///< L_init, as are the next four (supplement D)
  double length_least = 0.0078125;         ///< L_min = 2^-7
  double length_most = 1.6;                ///< L_max
  std::int64_t successes = 3;              ///< tau_succ
  std::optional<std::int64_t> failures;    ///< tau_fail; none: max(4, d) evaluations
  RefitSettings refit;
  double noise_floor = 1e-6;  ///< variance, of standardised losses; BoTorch's 1e-4 hides the end of a descent
  std::int64_t max_fit_points = 1000;  ///< of a region

  void visit(SettingsVisitor& v) {
    v.integer("regions", regions, Bounds::between(1, 100),
              "trust regions searched at the same time (m of TuRBO-m)");
    v.optional_integer("initial", initial, Bounds::between(2, 1e6),
                       "Latin hypercube points at the start of a region; default: 2 d, at least 4");
    v.optional_integer(
        "candidates", candidates, Bounds::between(1, 5000),
        "points of a Thompson draw, which takes the cube of their number; default: min(5000, 100 d)");
    v.number("length", length, Bounds::between(1e-6, 2),
             "side length of a new region; the box has sides of 1");
    v.number("length_least", length_least, Bounds::between(1e-9, 1),
             "side length below which a region starts anew");
    v.number("length_most", length_most, Bounds::between(1e-6, 2), "largest side length");
    v.require(length_least <= length && length <= length_most, "length",
              "must lie between length_least and length_most");
    v.integer("successes", successes, Bounds::between(1, 1e6),
              "batches with an improvement before a region doubles");
    v.optional_integer("failures", failures, Bounds::between(1, 1e6),
                       "evaluations without an improvement before a region halves; default: max(4, d)");
    refit.visit(v);
    visit_noise_floor(v, noise_floor);
    visit_max_fit_points(v, max_fit_points);
  }
};

/// The region's side length and what moves it (Algorithm of section 2).
struct SideLength {
  double length;
  std::int64_t successes = 0;
  std::int64_t failures = 0;
  std::int64_t in_batch = 0;
  bool improved = false;

  /// One more result; q make a batch.
  void count(bool is_improvement, std::int64_t q, const TurboSettings& settings, std::int64_t most_failures) {
    improved = improved || is_improvement;
    if (++in_batch < q) return;
    successes = improved ? successes + 1 : 0;
    failures = improved ? 0 : failures + in_batch;
    in_batch = 0;
    improved = false;
    if (successes >= settings.successes) {
      length = std::min(2.0 * length, settings.length_most);
      successes = 0;
    } else if (failures >= most_failures) {
      length *= 0.5;
      failures = 0;
    }
  }
};

class Turbo final : public Strategy {
 public:
  Turbo(const TurboSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        workers_(std::max(1U, context.workers)),
        notes_(context.notes),
        encoding_(context.space) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (encoding_.column_of(i) < 0) continue;
      (is_categorical(space_[i].domain) ? categories_ : numbers_).push_back(i);
    }
    const auto d = static_cast<std::int64_t>(std::max<std::size_t>(1, numbers_.size() + categories_.size()));
    initial_ = static_cast<std::size_t>(settings.initial.value_or(std::max<std::int64_t>(4, 2 * d)));
    most_failures_ = settings.failures.value_or(std::max<std::int64_t>(4, d));
    count_ = static_cast<std::size_t>(settings.candidates.value_or(std::min<std::int64_t>(5000, 100 * d)));
    tabulate_sobol();
    for (std::int64_t r = 0; r < settings.regions; ++r) regions_.push_back(Region(fresh()));
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (const auto turned_down = pending_.find(id); turned_down != pending_.end()) {
      known_.insert(turned_down->second.configuration.digest());
      pending_.erase(turned_down);
    }
    running_.clear();
    for (const auto& [other, asked] : pending_) running_.insert(asked.configuration.digest());
    const Asked asked = choose(random);
    pending_.emplace(id, asked);
    return Proposal{asked.configuration, fidelity_};
  }

  void tell(const Trial& trial) override {
    std::optional<Asked> asked;
    if (const auto found = pending_.find(trial.id); found != pending_.end()) {
      asked = std::move(found->second);
      pending_.erase(found);
    }
    if (trial.proposal.fidelity != fidelity_ || !told_.insert(trial.id).second) return;
    known_.insert(trial.proposal.configuration.digest());
    std::optional<double> loss;
    if (trial.completed() && std::isfinite(trial.loss())) loss = trial.loss();
    if (loss) worst_ = std::max(worst_.value_or(*loss), *loss);
    const std::size_t r = asked ? asked->region : 0;
    // A result of the time before the restart says nothing about the new region.
    if (asked && asked->start != regions_[r].start) return;
    observe(r, {trial.proposal.configuration, loss}, asked && asked->by_model);
  }

  [[nodiscard]] Work computed() const override {
    Work work = past_;
    for (const Region& region : regions_) work += region.process.computed();
    return work;
  }

 private:
  struct Observation {
    Configuration configuration;
    std::optional<double> loss;  ///< absent: failed
  };
  struct Asked {
    Configuration configuration;
    std::size_t region = 0;
    std::size_t start = 0;  ///< which start of the region
    bool by_model = false;
  };
  struct Region {
    GaussianProcess process;
    SideLength side;
    std::size_t start = 0;
    std::unique_ptr<LatinHypercubeDesign> design = nullptr;
    std::size_t designed = 0;  ///< points of the design that were asked for
    std::vector<Observation> observations = {};
    std::optional<std::size_t> best = std::nullopt;  ///< observation
    std::size_t fitted_at = 0;
  };
  struct Draw {
    Configuration configuration;
    double value = 0.0;
  };

  Region fresh() const {
    GaussianProcessOptions options;
    options.noise_floor = settings_.noise_floor;
    return {.process = GaussianProcess(encoding_.layout(), options), .side = {.length = settings_.length}};
  }

  void tabulate_sobol() {
    dimensions_ = std::min(numbers_.size(), kMostSobol);
    if (dimensions_ == 0) return;
    SobolSequence generator(dimensions_);
    sobol_.resize(count_ * dimensions_);
    for (auto& digits : sobol_) digits = generator.next();
  }

  [[nodiscard]] bool excluded(const Configuration& configuration) const {
    const std::uint64_t digest = configuration.digest();
    return known_.contains(digest) || running_.contains(digest);
  }

  Configuration draw(Random& random) const {
    Configuration configuration = space_.sample(random);
    for (int i = 0; i < kMostTries && excluded(configuration); ++i) configuration = space_.sample(random);
    return configuration;
  }

  // Every region has its design first; then the lowest of all regions' draws decides, the implicit bandit of
  // TuRBO-m.
  Asked choose(Random& random) {
    for (std::size_t r = 0; r < regions_.size(); ++r)
      if (regions_[r].designed < initial_)
        return {design_point(regions_[r], random), r, regions_[r].start, false};
    std::optional<Draw> lowest;
    std::size_t of = 0;
    for (std::size_t r = 0; r < regions_.size(); ++r) {
      if (regions_[r].fitted_at == 0) continue;
      std::optional<Draw> sample = thompson(regions_[r], random.child(r));
      if (!sample || (lowest && !(sample->value < lowest->value))) continue;
      lowest = std::move(sample);
      of = r;
    }
    if (lowest) return {lowest->configuration, of, regions_[of].start, true};
    // Nothing is known yet, or nothing new is left in any region, which then counts as a failure of the first
    // fitted one.
    const auto fitted =
        std::ranges::find_if(regions_, [](const Region& region) { return region.fitted_at > 0; });
    if (fitted != regions_.end()) of = static_cast<std::size_t>(fitted - regions_.begin());
    return {draw(random), of, regions_[of].start, fitted != regions_.end()};
  }

  Configuration design_point(Region& region, Random& random) const {
    if (!region.design)
      region.design = std::make_unique<LatinHypercubeDesign>(space_, initial_, random.child("design"));
    while (region.designed < initial_) {
      const Configuration point = region.design->point(region.designed++, random);
      if (!excluded(point)) return point;
    }
    return draw(random);
  }

  void observe(std::size_t r, Observation observation, bool by_model) {
    Region& region = regions_[r];
    const std::optional<double> loss = observation.loss;
    const std::optional<double> best = region.best ? region.observations[*region.best].loss : std::nullopt;
    const bool improves = loss && (!best || *loss < *best - kLeastImprovement * std::abs(*best));
    if (loss && (!best || *loss < *best)) region.best = region.observations.size();
    region.observations.push_back(std::move(observation));
    if (by_model) region.side.count(improves, workers_, settings_, most_failures_);
    if (region.side.length < settings_.length_least) return restart(region);
    update(region);
    note_fallbacks(notes_, region.process, "loss");
  }

  void restart(Region& region) {
    past_ += region.process.computed();
    const std::size_t start = region.start + 1;
    region = fresh();
    region.start = start;
  }

  double loss_of(const Observation& observation) const { return observation.loss.value_or(*worst_); }

  void update(Region& region) {
    const std::size_t count = region.observations.size();
    if (count < initial_ || !region.best) return;
    if (settings_.refit.due(count, region.fitted_at)) return fit(region);
    PointSet point(1, encoding_.columns());
    encoding_.encode(region.observations.back().configuration, point, 0);
    region.process.append(point, 0, loss_of(region.observations.back()));
  }

  void fit(Region& region) const {
    const std::vector<Observation>& all = region.observations;
    const std::vector<std::size_t> chosen =
        fit_points(all.size(), settings_.max_fit_points, [&](std::size_t a, std::size_t b) {
          return std::pair(loss_of(all[a]), a) < std::pair(loss_of(all[b]), b);
        });
    PointSet points(static_cast<Eigen::Index>(chosen.size()), encoding_.columns());
    std::vector<double> losses;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      encoding_.encode(all[chosen[k]].configuration, points, static_cast<Eigen::Index>(k));
      losses.push_back(loss_of(all[chosen[k]]));
    }
    region.process.fit(points, losses);
    region.fitted_at = all.size();
  }

  // The lowest point of a joint draw of the posterior over the region's candidates; none where nothing new
  // was found.
  std::optional<Draw> thompson(const Region& region, Random random) {
    list_candidates(region, random);
    if (candidates_.empty()) return std::nullopt;
    PointSet points(static_cast<Eigen::Index>(candidates_.size()), encoding_.columns());
    for (std::size_t k = 0; k < candidates_.size(); ++k)
      encoding_.encode(candidates_[k], points, static_cast<Eigen::Index>(k));
    Random stream = random.child("posterior");
    note_jitter(notes_, region.process.sample(points, stream, sample_));
    const auto m = static_cast<double>(candidates_.size());
    past_ += m * region.process.prediction_work() +
             m * m * (m / 3.0 + static_cast<double>(region.process.size())) * flop;
    const auto lowest = static_cast<std::size_t>(std::ranges::min_element(sample_) - sample_.begin());
    return Draw{candidates_[lowest], sample_[lowest]};
  }

  void list_candidates(const Region& region, Random& random) {
    candidates_.clear();
    const Configuration& centre = region.observations[*region.best].configuration;
    const std::vector<double> half = half_widths(region);
    std::vector<std::uint64_t> shift(dimensions_);
    for (auto& digits : shift) digits = random.next();
    for (std::size_t k = 0; k < count_; ++k) {
      Configuration candidate = centre;
      move_numbers(candidate, half, k, shift, random);
      move_categories(candidate, region.side.length, random);
      if (space_.has_conditions()) space_.repair(candidate, random);
      if (!excluded(candidate)) candidates_.push_back(std::move(candidate));
    }
  }

  // L l_i / (geometric mean of the l), halved: sides in proportion to the length scales, of volume L^d
  // (section 2).
  [[nodiscard]] std::vector<double> half_widths(const Region& region) const {
    double sum = 0.0;
    for (const std::size_t i : numbers_) sum += log_scale(region, i);
    const double mean = numbers_.empty() ? 0.0 : sum / static_cast<double>(numbers_.size());
    std::vector<double> half;
    for (const std::size_t i : numbers_) {
      const double width = 0.5 * region.side.length * std::exp(log_scale(region, i) - mean);
      const auto values = cardinality(space_[i].domain);
      half.push_back(values ? std::max(width, 1.0 / static_cast<double>(*values)) : width);
    }
    return half;
  }
  [[nodiscard]] double log_scale(const Region& region, std::size_t i) const {
    const auto column = static_cast<std::size_t>(encoding_.column_of(i));
    return region.process
        .hyperparameters()[static_cast<Eigen::Index>(encoding_.layout().columns[column].scale)];
  }

  // Each number moves with probability min(1, 20 / d), at least one does (supplement D).
  void move_numbers(Configuration& candidate, const std::vector<double>& half, std::size_t k,
                    const std::vector<std::uint64_t>& shift, Random& random) const {
    if (numbers_.empty()) return;
    const double share = kPerturbed / static_cast<double>(numbers_.size());
    const std::size_t certain = share < 1.0 ? random.below(numbers_.size()) : numbers_.size();
    for (std::size_t j = 0; j < numbers_.size(); ++j) {
      if (share < 1.0 && j != certain && !random.bernoulli(share)) continue;
      const std::size_t i = numbers_[j];
      if (!candidate.is_active(i)) continue;
      const double u = j < dimensions_
                           ? static_cast<double>((sobol_[k * dimensions_ + j] ^ shift[j]) >> 11U) * 0x1.0p-53
                           : random.uniform();
      const double centre = to_unit(space_[i].domain, candidate[i]);
      const double low = std::max(0.0, centre - half[j]);
      const double high = std::min(1.0, centre + half[j]);
      candidate.set(i, from_unit(space_[i].domain, low + (high - low) * u));
    }
  }

  // A uniform number of changes up to the radius; none only where numbers have moved.
  void move_categories(Configuration& candidate, double length, Random& random) const {
    if (categories_.empty()) return;
    const auto n = static_cast<double>(categories_.size());
    const auto radius = static_cast<std::size_t>(std::max(1.0, std::ceil(std::min(1.0, length) * n)));
    const std::size_t changes = numbers_.empty() ? 1 + random.below(radius) : random.below(radius + 1);
    std::vector<std::size_t> order = categories_;
    for (std::size_t c = 0; c < changes; ++c) {
      std::swap(order[c], order[c + random.below(order.size() - c)]);
      const std::size_t i = order[c];
      if (!candidate.is_active(i)) continue;
      const std::uint64_t choices = *cardinality(space_[i].domain);
      if (choices < 2) continue;
      const std::uint64_t other = random.below(choices - 1);
      candidate.set(i, static_cast<double>(other >= candidate.index(i) ? other + 1 : other));
    }
  }

  TurboSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::int64_t workers_;
  NoteSink* notes_;
  PointEncoding encoding_;
  std::vector<std::size_t> numbers_;     // parameters with more than one value
  std::vector<std::size_t> categories_;  // parameters with more than one value
  std::size_t initial_ = 0;
  std::int64_t most_failures_ = 0;
  std::size_t count_ = 0;  // of candidates
  std::size_t dimensions_ = 0;
  std::vector<std::uint64_t> sobol_;
  std::vector<Region> regions_;
  std::map<TrialId, Asked> pending_;
  std::set<TrialId> told_;
  std::optional<double> worst_;
  // Digests; for membership only, so their order does not matter.
  std::unordered_set<std::uint64_t> known_;
  std::unordered_set<std::uint64_t> running_;
  Work past_{};  // of draws, and of regions that are no more

  std::vector<Configuration> candidates_;
  std::vector<double> sample_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_turbo_recipe() {
  return std::make_unique<BasicStrategyRecipe<TurboSettings, Turbo>>();
}

}  // namespace tonne
