// Cost-apportioned Bayesian optimisation, CArBO: Lee, Perrone, Archambeau and Seeger 2020, "Cost-aware Bayesian
// Optimization" (arXiv 2003.10870). The symbols are the paper's: tau, the budget; tau_init, what of it goes into the
// design; tau_t, what has been spent; c(x), what a trial costs.
//
// 1. A cost-effective design spends tau / 8 on cheap points that fill the space: of random points the most expensive
//    one and the one nearest to what was evaluated are removed in turn until one is left.
// 2. Then expected improvement per cost^alpha, alpha = (tau - tau_t) / (tau - tau_init): cheap steps first, improvement
//    alone at the end (EI-cool).
//
// Where the paper leaves a choice:
// - c(x) is learnt by a Gaussian process of the logarithm of what trials were charged, within the design too. The
//   paper's low-variance linear models are made for named parameters of its problems.
// - The losses' model is that of `gp` (power transform where likelier, exploring asks left out).
// - The design has at least `initial_least` trials, whatever they cost: a model needs some.
// - Running trials count as evaluated in the design, and as observed at the model's mean after it (kriging believer).

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "core/replayable.h"
#include "search/strategies/budget_share.h"
#include "search/strategies/model_based/gp_acquisition.h"
#include "search/strategies/model_based/loss_model.h"
#include "search/strategies/model_based/observation_log.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

constexpr std::size_t kCooledIncumbents = 4;  // around which extra candidates are drawn

enum class CostOf : std::uint8_t { automatic, time, energy, co2e, money };
constexpr std::array<std::string_view, 5> kCostOfNames = {"automatic", "time", "energy", "co2e", "money"};

struct CarboSettings {
  CostOf cost = CostOf::automatic;
  double initial_share = 0.125;           ///< tau_init / tau: the paper's eighth
  std::int64_t initial_least = 4;         ///< own choice
  std::int64_t design_candidates = 1000;  ///< the paper discretises the space; how finely it does not say
  std::int64_t trials = 100;              ///< own choice
  RefitSettings refit;
  CandidateSettings search;
  double noise_floor = 1e-8;  ///< as `gp`
  std::int64_t max_fit_points = 1000;

  void visit(SettingsVisitor& v) {
    v.choice("cost", cost, kCostOfNames, "which of a trial's costs counts; automatic: that of the budget, or co2e");
    v.number("initial_share", initial_share, Bounds::between(0, 1),
             "fraction of the budget for the design of cheap points");
    v.integer("initial_least", initial_least, Bounds::between(1, 1e6), "minimum trials of the design");
    v.integer("design_candidates", design_candidates, Bounds::between(2, 65536),
              "random points of which a trial of the design is chosen");
    v.integer("trials", trials, Bounds::between(1, 1e9),
              "the budget, in trials, where the search has none that it knows");
    refit.visit(v);
    search.visit(v);
    visit_noise_floor(v, noise_floor);
    visit_max_fit_points(v, max_fit_points);
  }
  [[nodiscard]] Budget budget(const StrategyContext& context) const {
    if (context.budget != nullptr && !context.budget->empty()) return *context.budget;
    return {.evaluations = static_cast<std::uint64_t>(trials)};
  }
  [[nodiscard]] TrialCost cost_under(const Budget& budget) const {
    constexpr std::array kCosts = {TrialCost::co2e, TrialCost::time, TrialCost::energy, TrialCost::co2e,
                                   TrialCost::money};
    if (cost != CostOf::automatic || budget.carbon) return kCosts[static_cast<std::size_t>(cost)];
    if (budget.energy) return TrialCost::energy;
    if (budget.money) return TrialCost::money;
    return budget.time ? TrialCost::time : TrialCost::co2e;
  }
};

class Carbo final : public Strategy, public Replayable {
 public:
  Carbo(const CarboSettings& settings, const StrategyContext& context)
      : settings_(settings),
        fidelity_(context.fidelity),
        notes_(context.notes),
        share_(settings.budget(context)),
        encoding_(context.space),
        search_(context.space, encoding_, settings.search.options()),
        log_(encoding_, context.fidelity, settings.cost_under(settings.budget(context))),
        losses_(encoding_.layout(), options(settings)),
        cost_process_(encoding_.layout(), options(settings)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    log_.begin_ask(id);
    Configuration next = losses_.process().size() == 0 ? design(random) : cooled(random);
    log_.propose(id, next);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  // Beside what runs, an ask leaves the count of its work: fantasies are forgotten.
  [[nodiscard]] std::vector<double> left_by_ask(TrialId) const override {
    return {own_.base(), losses_.process().computed().base(), cost_process_.computed().base()};
  }
  void replay(TrialId id, Random , const Proposal& answer, std::span<const double> left) override {
    log_.begin_ask(id);
    log_.propose(id, answer.configuration);
    own_ = Work::from_base(left[0]);
    losses_.process().set_computed(Work::from_base(left[1]));
    cost_process_.set_computed(Work::from_base(left[2]));
  }

  void tell(const Trial& trial) override {
    if (!log_.tell(trial)) return;
    share_.tell(trial);
    update_models();
    note_fallbacks(notes_, losses_.process(), "loss");
    note_fallbacks(notes_, cost_process_, "cost");
  }

  [[nodiscard]] Work computed() const override {
    return own_ + losses_.process().computed() + cost_process_.computed();
  }

 private:
  static GaussianProcessOptions options(const CarboSettings& settings) {
    GaussianProcessOptions options;
    options.noise_floor = settings.noise_floor;
    return options;
  }

  [[nodiscard]] AcquisitionSearch::Excluded exclusion() const {
    return [this](const Configuration& configuration) { return log_.excludes(configuration); };
  }

  // --- models ---

  [[nodiscard]] bool designed() const {
    const bool enough = log_.observations().size() >= static_cast<std::size_t>(settings_.initial_least);
    return enough && log_.has_losses() && share_.used() >= settings_.initial_share;
  }

  void update_models() {
    const std::size_t count = log_.observations().size();
    if (!losses_.process().size() && !designed()) return fit_costs();
    if (settings_.refit.due(count, fitted_at_)) return refit();
    const ObservationLog::Observation& last = log_.observations().back();
    PointSet point(1, encoding_.columns());
    encoding_.encode(last.configuration, point, 0);
    losses_.append(point, 0, log_.loss(count - 1));
    if (cost_process_.size() > 0 && last.log_cost) cost_process_.append(point, 0, *last.log_cost);
  }

  void refit() {
    const std::vector<std::size_t> chosen = log_.chosen(settings_.max_fit_points);
    const ObservationLog::Targets losses = log_.losses_of(chosen);
    losses_.fit(losses.points, losses.values);
    fit_costs(chosen);
    share_at_design_ = share_at_design_.value_or(share_.used());
    fitted_at_ = log_.observations().size();
  }

  // Within the design, where the losses do not matter yet. Each time but for long designs, whose costs are known by
  // then.
  void fit_costs() {
    if (!log_.has_losses() || !settings_.refit.due(log_.observations().size(), costs_fitted_at_)) return;
    fit_costs(log_.chosen(settings_.max_fit_points));
    costs_fitted_at_ = log_.observations().size();
  }

  void fit_costs(const std::vector<std::size_t>& chosen) {
    const ObservationLog::Targets costs = log_.log_costs_of(chosen);
    if (!costs.values.empty()) cost_process_.fit(costs.points, costs.values);
  }

  // --- the design ---

  // Points are removed in turn by cost and by distance: two orders, each gone through from its bad end.
  Configuration design(Random& random) {
    std::vector<Configuration> candidates;
    for (std::int64_t i = 0; i < settings_.design_candidates; ++i)
      candidates.push_back(search_.draw(exclusion(), random));
    if (log_.observations().empty() && log_.pending().empty()) return candidates.front();
    PointSet points(static_cast<Eigen::Index>(candidates.size()), encoding_.columns());
    for (std::size_t i = 0; i < candidates.size(); ++i)
      encoding_.encode(candidates[i], points, static_cast<Eigen::Index>(i));
    const std::vector<std::size_t> by_cost = descending(predicted_costs(points));
    std::vector<double> nearness = distances(points);
    for (double& value : nearness) value = -value;
    const std::vector<std::size_t> by_nearness = descending(nearness);
    std::vector<char> removed(candidates.size(), 0);
    std::size_t left = candidates.size();
    std::array<const std::vector<std::size_t>*, 2> orders = {&by_cost, &by_nearness};
    std::array<std::size_t, 2> next = {0, 0};
    for (std::size_t turn = 0; left > 1; turn = 1 - turn) {
      while (removed[(*orders[turn])[next[turn]]] != 0) ++next[turn];
      removed[(*orders[turn])[next[turn]]] = 1;
      --left;
    }
    return candidates[static_cast<std::size_t>(std::ranges::find(removed, 0) - removed.begin())];
  }

  static std::vector<std::size_t> descending(const std::vector<double>& values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(
        order, [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
    return order;
  }

  // Logarithms; all alike as long as nothing was charged.
  std::vector<double> predicted_costs(const PointSet& points) {
    std::vector<double> costs(static_cast<std::size_t>(points.count()), 0.0);
    if (cost_process_.size() == 0) return costs;
    BatchPrediction prediction;
    cost_process_.predict(points, prediction);
    own_ += static_cast<double>(points.count()) * cost_process_.prediction_work();
    for (std::size_t i = 0; i < costs.size(); ++i) costs[i] = prediction.mean[static_cast<Eigen::Index>(i)];
    return costs;
  }

  // From each point to the nearest that was evaluated or runs, squared; choices count 1 where they differ.
  std::vector<double> distances(const PointSet& points) {
    PointSet known(0, encoding_.columns());
    const auto add = [&](const Configuration& configuration) {
      known.append();
      encoding_.encode(configuration, known, known.count() - 1);
    };
    for (const ObservationLog::Observation& observation : log_.observations()) add(observation.configuration);
    for (const auto& [id, configuration] : latest_pending(log_.pending())) add(configuration);
    std::vector<double> nearest(static_cast<std::size_t>(points.count()));
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      nearest[i] = squared_distance(points, static_cast<Eigen::Index>(i), known, 0);
      for (Eigen::Index k = 1; k < known.count(); ++k)
        nearest[i] = std::min(nearest[i], squared_distance(points, static_cast<Eigen::Index>(i), known, k));
    }
    own_ += 3.0 * static_cast<double>(points.count() * known.count() * encoding_.columns()) * flop;
    return nearest;
  }

  [[nodiscard]] double squared_distance(const PointSet& a, Eigen::Index i, const PointSet& b, Eigen::Index k) const {
    double sum = 0.0;
    for (Eigen::Index c = 0; c < encoding_.columns(); ++c) {
      const double difference = a(i, c) - b(k, c);
      const bool categorical = encoding_.layout().columns[static_cast<std::size_t>(c)].categorical;
      sum += categorical ? static_cast<double>(difference != 0.0) : difference * difference;
    }
    return sum;
  }

  // --- after it ---

  // alpha.
  [[nodiscard]] double cost_exponent() const {
    const double rest = 1.0 - *share_at_design_;
    return rest > 0.0 ? (1.0 - share_.used()) / rest : 0.0;
  }

  Configuration cooled(Random& random) {
    PointSet point(1, encoding_.columns());
    GaussianProcess& process = losses_.process();
    for (const auto& [id, configuration] : latest_pending(log_.pending())) {
      encoding_.encode(configuration, point, 0);
      process.fantasise(point, 0);
    }
    gp::Model model;
    model.loss = &process;
    model.log_cost = cost_process_.size() > 0 ? &cost_process_ : nullptr;
    model.cost_exponent = cost_exponent();
    BatchPrediction scratch;
    gp::Scorer scorer(model, gp::Weighing(), Random(0), scratch);  // which draws nothing for log_ei
    Configuration best = search_.maximise(scorer, log_.best(kCooledIncumbents), exclusion(), random);
    own_ += scorer.computed();
    process.forget_fantasies();
    return best;
  }

  CarboSettings settings_;
  double fidelity_;
  NoteSink* notes_;
  BudgetShare share_;
  PointEncoding encoding_;
  AcquisitionSearch search_;
  ObservationLog log_;
  LossModel losses_;
  GaussianProcess cost_process_;           // of the logarithm of the cost
  std::optional<double> share_at_design_;  // tau_init / tau as it came out
  std::size_t fitted_at_ = 0;
  std::size_t costs_fitted_at_ = 0;
  Work own_{};  // predictions and distances
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_carbo_recipe() {
  return std::make_unique<BasicStrategyRecipe<CarboSettings, Carbo>>();
}

}  // namespace tonne
