// Bayesian optimisation at a price: the Pandora's-box Gittins index of Xie, Astudillo, Frazier, Scully and Terenin 2024,
// "Cost-aware Bayesian Optimization via the Pandora's Box Gittins Index" (NeurIPS), with the stopping rule of Xie, Cai,
// Terenin, Frazier and Scully 2025, "Cost-aware Stopping for Bayesian Optimization". The symbols are the papers':
// lambda, the price of a unit of cost; c(x), what a trial costs; alpha(x), the index, E[max(alpha - f(x), 0)] =
// lambda c(x).
//
// What a search minimises by this is the loss of its winner plus lambda times all that it spent. It proposes the
// smallest index and stops when none is below the incumbent: then no trial is expected to improve the loss by what it
// costs.
//
// Where the papers leave a choice:
// - c(x) is learnt, as in the papers' own case of unknown costs: a second Gaussian process of the logarithm of what
//   trials were charged, c(x) = exp(mean + variance / 2). The arithmetic that a problem counts beforehand
//   (StrategyContext::work) is not used: it says nothing of memory traffic, start-up and grid, and of a candidate that
//   diverges or does not fit it counts what is done until then, so that it would tell of failures beforehand.
// - The incumbent is the lowest posterior mean of what was evaluated: with noise the lowest observation is too good.
// - Losses above the median are compressed (`compress`), below it they stay as they are: gains keep their unit.
// - Several workers: running trials are told to the model as observed at its mean (kriging believer). When the rule
//   holds, nothing is proposed while trials run; what they tell may end it.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "core/replayable.h"
#include "search/strategies/model_based/gp_acquisition.h"
#include "search/strategies/model_based/observation_log.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/gittins_index.h"
#include "search/surrogates/model_settings.h"

namespace tonne {
namespace {

constexpr std::size_t kIndexedIncumbents = 4;  // around which extra candidates are drawn
constexpr Work kIndexWork = 400.0 * flop;      // about eight steps of Newton's method

enum class Currency : std::uint8_t { co2e, time, energy, money };
constexpr std::array<std::string_view, 4> kCurrencyNames = {"co2e", "time", "energy", "money"};

struct GittinsSettings {
  double price = 0.1;  ///< lambda; marginal_stop's `gain`
  Currency currency = Currency::co2e;
  std::optional<double> decay;  ///< the paper's PBGI-D: 0.5
  bool stop = true;
  std::int64_t patience = 1;  ///< own setting; 1: the paper's rule
  std::int64_t initial = 10;  ///< as `gp`
  bool compress = true;       ///< own choice, see the head of this file
  RefitSettings refit;
  CandidateSettings search;
  double noise_floor = 1e-8;  ///< as `gp`
  std::int64_t max_fit_points = 1000;

  void visit(SettingsVisitor& v) {
    v.number("price", price, Bounds::above(0),
             "what a unit of the currency (kg CO2e, hour, kWh or dollar) is worth, in the objective's unit");
    v.choice("currency", currency, kCurrencyNames, "which of a trial's costs has the price");
    v.flag("stop", stop, "end the search when no candidate is expected to gain what it costs");
    v.integer("patience", patience, Bounds::between(1, 1e6), "trials in a row after which the rule must hold");
    v.optional_number("decay", decay, {0.0, 1.0, true},
                      "factor on the price whenever the rule holds, instead of stopping; default: the price stays");
    v.require(!decay || !stop, "decay", "requires stop: false");
    v.integer("initial", initial, Bounds::between(1, 1e6), "random trials before the model is used");
    v.flag("compress", compress, "compress losses above the median, so that bad trials do not widen the model's scale");
    refit.visit(v);
    search.visit(v);
    visit_noise_floor(v, noise_floor);
    visit_max_fit_points(v, max_fit_points);
  }
  [[nodiscard]] TrialCost cost() const {
    constexpr std::array kCosts = {TrialCost::co2e, TrialCost::time, TrialCost::energy, TrialCost::money};
    return kCosts[static_cast<std::size_t>(currency)];
  }
  /// Of a base unit of the currency.
  [[nodiscard]] double base_price() const {
    if (currency == Currency::time) return price / hour.base();
    return currency == Currency::energy ? price / kilowatt_hour.base() : price;
  }
};

// y where it is at most `middle`, beyond that middle + unit log(1 + (y - middle) / unit): smooth to the first
// derivative.
class UpperCompression {
 public:
  UpperCompression() = default;
  // Precondition: losses are not empty.
  explicit UpperCompression(std::vector<double> losses) {
    const double lowest = *std::ranges::min_element(losses);
    const auto half = losses.begin() + static_cast<std::ptrdiff_t>(losses.size() / 2);
    std::ranges::nth_element(losses, half);
    middle_ = *half;
    unit_ = middle_ - lowest;
  }
  [[nodiscard]] double operator()(double loss) const {
    return unit_ > 0.0 && loss > middle_ ? middle_ + unit_ * std::log1p((loss - middle_) / unit_) : loss;
  }

 private:
  double middle_ = 0.0;
  double unit_ = 0.0;  // 0: nothing is compressed
};

// The index, turned so that larger is better, in units of the noise-free losses' deviation.
class IndexScorer final : public AcquisitionFunction {
 public:
  IndexScorer(const GaussianProcess& loss, const GaussianProcess& log_cost, double log_price, double unit)
      : loss_(loss), log_cost_(log_cost), log_price_(log_price), unit_(unit) {}

  void score(const PointSet& points, std::vector<double>& scores) override {
    loss_.predict(points, of_loss_);
    log_cost_.predict(points, of_cost_);
    computed_ += static_cast<double>(points.count()) * point_work();
    scores.resize(static_cast<std::size_t>(points.count()));
    for (Eigen::Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] = -gittins_index(of_loss_.mean[i], std::sqrt(of_loss_.variance[i]),
                                                           log_price_ + of_cost_.mean[i] + 0.5 * of_cost_.variance[i]) /
                                            unit_;
  }

  double score(const PointSet& points, Eigen::Index row, Eigen::VectorXd& gradient) override {
    loss_.predict(points, row, loss_at_);
    log_cost_.predict(points, row, cost_at_);
    computed_ += 2.0 * point_work();
    const double deviation = std::sqrt(loss_at_.variance);
    const GittinsIndex index =
        gittins_index_with_gradient(loss_at_.mean, deviation, log_price_ + cost_at_.mean + 0.5 * cost_at_.variance);
    gradient = -(loss_at_.mean_gradient + (0.5 * index.by_deviation / deviation) * loss_at_.variance_gradient +
                 index.by_log_cost * (cost_at_.mean_gradient + 0.5 * cost_at_.variance_gradient)) /
               unit_;
    return -index.value / unit_;
  }

  [[nodiscard]] Work computed() const { return computed_; }

 private:
  [[nodiscard]] Work point_work() const { return loss_.prediction_work() + log_cost_.prediction_work() + kIndexWork; }

  const GaussianProcess& loss_;
  const GaussianProcess& log_cost_;
  double log_price_;
  double unit_;
  BatchPrediction of_loss_, of_cost_;
  PointPrediction loss_at_, cost_at_;
  Work computed_{};
};

class Gittins final : public Strategy, public Replayable {
 public:
  Gittins(const GittinsSettings& settings, const StrategyContext& context)
      : settings_(settings),
        fidelity_(context.fidelity),
        notes_(context.notes),
        encoding_(context.space),
        search_(context.space, encoding_, settings.search.options()),
        log_(encoding_, context.fidelity, settings.cost()),
        loss_process_(encoding_.layout(), options(settings)),
        cost_process_(encoding_.layout(), options(settings)),
        log_price_(std::log(settings.base_price())) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    log_.begin_ask(id);
    const auto next = fitted_at_ == 0 ? search_.draw(exclusion(), random) : choose(random);
    if (!next) return std::nullopt;
    log_.propose(id, *next);
    return Proposal{.configuration = *next, .fidelity = fidelity_};
  }

  // Beside what runs, an ask leaves the count of its work and its judgement: fantasies are forgotten.
  [[nodiscard]] std::vector<double> left_by_ask(TrialId) const override {
    return {predictions_.base(), loss_process_.computed().base(), cost_process_.computed().base(), log_price_,
            std::bit_cast<double>(std::uint64_t{judged_at_}), std::bit_cast<double>(held_)};
  }
  void replay(TrialId id, Random , const Proposal& answer, std::span<const double> left) override {
    log_.begin_ask(id);
    log_.propose(id, answer.configuration);
    predictions_ = Work::from_base(left[0]);
    loss_process_.set_computed(Work::from_base(left[1]));
    cost_process_.set_computed(Work::from_base(left[2]));
    log_price_ = left[3];
    judged_at_ = std::bit_cast<std::uint64_t>(left[4]);
    held_ = std::bit_cast<std::int64_t>(left[5]);
  }

  void tell(const Trial& trial) override {
    if (!log_.tell(trial)) return;
    update_model();
    note_fallbacks(notes_, loss_process_, "loss");
    note_fallbacks(notes_, cost_process_, "cost");
  }

  [[nodiscard]] Work computed() const override {
    return predictions_ + loss_process_.computed() + cost_process_.computed();
  }

 private:
  static GaussianProcessOptions options(const GittinsSettings& settings) {
    GaussianProcessOptions options;
    options.noise_floor = settings.noise_floor;
    return options;
  }

  [[nodiscard]] AcquisitionSearch::Excluded exclusion() const {
    return [this](const Configuration& configuration) { return log_.excludes(configuration); };
  }

  void update_model() {
    const std::size_t count = log_.observations().size();
    if (count < static_cast<std::size_t>(settings_.initial) || !log_.has_losses()) return;
    if (settings_.refit.due(count, fitted_at_)) return refit();
    const ObservationLog::Observation& last = log_.observations().back();
    PointSet point(1, encoding_.columns());
    encoding_.encode(last.configuration, point, 0);
    loss_process_.append(point, 0, compression_(log_.loss(count - 1)));
    if (cost_process_.size() > 0 && last.log_cost) cost_process_.append(point, 0, *last.log_cost);
  }

  void refit() {
    const std::vector<std::size_t> chosen = log_.chosen(settings_.max_fit_points);
    ObservationLog::Targets losses = log_.losses_of(chosen);
    compression_ = settings_.compress ? UpperCompression(losses.values) : UpperCompression();
    for (double& loss : losses.values) loss = compression_(loss);
    loss_process_.fit(losses.points, losses.values);
    unit_ = deviation_of(losses.values);
    const ObservationLog::Targets costs = log_.log_costs_of(chosen);
    if (!costs.values.empty()) cost_process_.fit(costs.points, costs.values);
    fitted_at_ = log_.observations().size();
  }

  static double deviation_of(const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    double sum = 0.0;
    double squares = 0.0;
    for (const double value : values) sum += value;
    for (const double value : values) squares += (value - sum / n) * (value - sum / n);
    return squares > 0.0 ? std::sqrt(squares / n) : 1.0;
  }

  // None: not worth its price.
  std::optional<Configuration> choose(Random& random) {
    PointSet point(1, encoding_.columns());
    for (const auto& [id, configuration] : latest_pending(log_.pending())) {
      encoding_.encode(configuration, point, 0);
      loss_process_.fantasise(point, 0);
    }
    auto next = cost_process_.size() > 0 ? smallest_index(random) : most_improving(random);
    loss_process_.forget_fantasies();
    return next;
  }

  std::optional<Configuration> smallest_index(Random& random) {
    IndexScorer scorer(loss_process_, cost_process_, log_price_, unit_);
    Configuration best = search_.maximise(scorer, log_.best(kIndexedIncumbents), exclusion(), random);
    PointSet point(1, encoding_.columns());
    encoding_.encode(best, point, 0);
    std::vector<double> score;
    scorer.score(point, score);
    predictions_ += scorer.computed();
    const bool worthless = -score.front() * unit_ >= loss_process_.lowest_mean();
    if (judge(worthless)) return std::nullopt;
    return best;
  }

  // Once after each observation: whether the search ends. With a decay the price falls instead.
  bool judge(bool worthless) {
    if (log_.observations().size() != judged_at_) {
      judged_at_ = log_.observations().size();
      held_ = worthless ? held_ + 1 : 0;
      if (worthless && settings_.decay) log_price_ += std::log(*settings_.decay);
    }
    return settings_.stop && worthless && held_ >= settings_.patience;
  }

  // As long as nothing was charged there is no price to weigh.
  std::optional<Configuration> most_improving(Random& random) {
    gp::Model model;
    model.loss = &loss_process_;
    BatchPrediction scratch;
    gp::Scorer scorer(model, gp::Weighing(), Random(0), scratch);  // which draws nothing for log_ei
    Configuration best = search_.maximise(scorer, log_.best(kIndexedIncumbents), exclusion(), random);
    predictions_ += scorer.computed();
    return best;
  }

  GittinsSettings settings_;
  double fidelity_;
  NoteSink* notes_;
  PointEncoding encoding_;
  AcquisitionSearch search_;
  ObservationLog log_;
  GaussianProcess loss_process_;  // of the compressed losses
  GaussianProcess cost_process_;  // of the logarithm of the cost, in base units
  UpperCompression compression_;
  double log_price_;   // lambda of a base unit, decayed
  double unit_ = 1.0;  // deviation of the compressed losses at the last fit
  std::size_t fitted_at_ = 0;
  std::size_t judged_at_ = 0;
  std::int64_t held_ = 0;  // observations in a row after which no index was below the incumbent
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_gittins_recipe() {
  return std::make_unique<BasicStrategyRecipe<GittinsSettings, Gittins>>();
}

}  // namespace tonne
