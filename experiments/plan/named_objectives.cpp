#include "experiments/plan/named_objectives.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/error.h"
#include "experiments/plan/deployment.h"

namespace tonne {
namespace {

enum class Named : std::uint8_t {
  latency,
  energy_per_use,
  co2e_per_use,
  flops_per_use,
  parameters,
  training_energy,
  training_co2e
};
constexpr auto kNames =
    std::to_array<std::string_view>({"latency", "energy_per_use", "co2e_per_use", "flops_per_use",
                                     "parameters", "training_energy", "training_co2e"});
constexpr auto kUnits = std::to_array<std::string_view>({"s", "J", "g", "FLOP", "", "kWh", "kg"});

bool of_a_use(Named named) {
  return named <= Named::flops_per_use;
}
bool charged_on_machine(Named named) {
  return named != Named::flops_per_use && named != Named::parameters;
}
bool of_a_training(Named named) {
  return named == Named::training_energy || named == Named::training_co2e;
}

std::optional<Named> find_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Named>(found - kNames.begin());
}

/// One objective: the problem's own by its index, or a named one.
struct Source {
  std::size_t own = 0;
  std::optional<Named> named;
};

class WithObjectives final : public Problem {
 public:
  WithObjectives(std::shared_ptr<const Problem> problem, std::vector<Source> sources,
                 std::shared_ptr<const CostModel> machine)
      : problem_(std::move(problem)),
        sources_(std::move(sources)),
        machine_(std::move(machine)),
        traits_(problem_->traits()) {
    const std::vector<ObjectiveTraits> own = std::exchange(traits_.objectives, {});
    for (const Source& source : sources_) {
      const auto n = source.named ? static_cast<std::size_t>(*source.named) : 0;
      traits_.objectives.push_back(
          source.named ? ObjectiveTraits{std::string(kNames[n]), std::string(kUnits[n]), Direction::minimise}
                       : own[source.own]);
      asks_for_use_ = asks_for_use_ || (source.named && of_a_use(*source.named));
      charges_use_ =
          charges_use_ || (source.named && of_a_use(*source.named) && charged_on_machine(*source.named));
      charges_training_ = charges_training_ || (source.named && of_a_training(*source.named));
    }
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return problem_->space(); }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return problem_->true_value(configuration);
  }
  [[nodiscard]] std::optional<double> optimum() const override { return problem_->optimum(); }
  [[nodiscard]] Configuration default_configuration() const override {
    return problem_->default_configuration();
  }
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    return problem_->inference(configuration);
  }
  [[nodiscard]] std::optional<std::uint64_t> function_of(const Configuration& configuration) const override {
    return problem_->function_of(configuration);
  }
  [[nodiscard]] std::optional<std::uint32_t> training_seeds(
      const Configuration& configuration) const override {
    return problem_->training_seeds(configuration);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    Outcome outcome = problem_->evaluate(evaluation, random);
    if (outcome.failure) return outcome;
    const auto use = asks_for_use_ ? problem_->inference(evaluation.configuration) : std::nullopt;
    if (asks_for_use_ && !use) return untold(std::move(outcome));
    const Objectives own = outcome.objectives;
    const Figures figures = figures_of(evaluation, random, outcome, use);
    outcome.objectives.clear();
    for (const Source& source : sources_)
      outcome.objectives.push_back(source.named ? figures[*source.named] : own[source.own]);
    return outcome;
  }

 private:
  struct Figures {
    std::array<double, kNames.size()> values{};
    double& operator[](Named named) { return values[static_cast<std::size_t>(named)]; }
    double operator[](Named named) const { return values[static_cast<std::size_t>(named)]; }
  };

  // A table may lack what one use of this configuration takes. Nothing can stand for it: 0 would be the best there is.
  static Outcome untold(Outcome outcome) {
    outcome.failure = Failure::invalid;
    outcome.objectives.clear();
    outcome.constraints.clear();
    return outcome;
  }

  [[nodiscard]] Figures figures_of(const Evaluation& evaluation, const Random& random, const Outcome& outcome,
                                   const std::optional<Workload>& use) const {
    Figures figures;
    figures[Named::parameters] = outcome.workload.parameters;
    if (use) {
      figures[Named::flops_per_use] = use->flops.base();
      if (charges_use_) charge_use(*use, figures);
    }
    if (charges_training_) charge_training(evaluation, random, figures);
    return figures;
  }

  void charge_use(const Workload& use, Figures& figures) const {
    const UseCharge charged = charge_of_use(use, *machine_);
    const Usage total = charged.charge.total();
    figures[Named::latency] = charged.latency / second;
    figures[Named::energy_per_use] = total.energy / joule;
    figures[Named::co2e_per_use] = total.carbon() / gram;
  }

  // In full, whatever part of it this evaluation trains.
  void charge_training(const Evaluation& evaluation, const Random& random, Figures& figures) const {
    const Outcome full = problem_->evaluate(
        {evaluation.configuration, 0.0, traits_.fidelity.highest, evaluation.repeat, evaluation.run}, random);
    const Usage total = machine_->charge(full.workload, Duration{}).total();
    figures[Named::training_energy] = total.energy / kilowatt_hour;
    figures[Named::training_co2e] = total.carbon() / kilogram;
  }

  std::shared_ptr<const Problem> problem_;
  std::vector<Source> sources_;
  std::shared_ptr<const CostModel> machine_;
  ProblemTraits traits_;
  bool asks_for_use_ = false;
  bool charges_use_ = false;
  bool charges_training_ = false;
};

std::string allowed_names(const ProblemTraits& traits) {
  std::string text;
  for (const ObjectiveTraits& own : traits.objectives) text += (text.empty() ? "" : ", ") + own.name;
  for (const std::string_view name : kNames) text += ", " + std::string(name);
  return text;
}

Source source_of(const Problem& problem, const std::string& name) {
  const auto& own = problem.traits().objectives;
  for (std::size_t i = 0; i < own.size(); ++i)
    if (own[i].name == name) return {i, std::nullopt};
  const auto named = find_named(name);
  if (!named)
    throw InputError("unknown objective '" + printable(name) +
                     "'. Known: " + allowed_names(problem.traits()));
  if (of_a_use(*named) && !problem.inference(problem.default_configuration()))
    throw InputError("'" + name + "' needs what one use of a result costs, which " + problem.traits().name +
                     " does not know");
  return {0, named};
}

}  // namespace

std::span<const std::string_view> named_objectives() {
  return kNames;
}

bool needs_machine(std::string_view name) {
  const auto named = find_named(name);
  return named && charged_on_machine(*named);
}

std::shared_ptr<const Problem> with_objectives(std::shared_ptr<const Problem> problem,
                                               const std::vector<std::string>& names,
                                               std::shared_ptr<const CostModel> machine) {
  if (names.size() > kMaxObjectives)
    throw InputError("has " + std::to_string(names.size()) + " entries, expected at most 4");
  std::vector<Source> sources;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      throw InputError("'" + printable(names[i]) + "' appears twice");
    sources.push_back(source_of(*problem, names[i]));
    if (needs_machine(names[i]) && !machine)
      throw InputError("'" + names[i] + "' needs a machine: give target, as in target: T4");
  }
  if (sources.empty() || sources.front().named || sources.front().own != 0)
    throw InputError("the first must be " + problem->traits().objectives.front().name +
                     ", by which a search is judged");
  return std::make_shared<WithObjectives>(std::move(problem), std::move(sources), std::move(machine));
}

}  // namespace tonne
