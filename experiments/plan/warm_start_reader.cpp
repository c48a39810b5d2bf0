#include "experiments/plan/warm_start_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/recipe.h"
#include "core/strategy.h"
#include "core/yaml.h"
#include "experiments/plan/entries.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/space_map.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

constexpr std::string_view kKey = "warm_start";

bool names_it(const std::vector<std::string>& names, const std::string& label) {
  return names.empty() || std::ranges::find(names, label) != names.end();
}

// Reads the folders and gives each problem what fits its space.
class WarmStartReader {
 public:
  WarmStartReader(const YamlSource& source, const YamlNode& node, const Experiment& experiment,
                  WarmStartPlan& plan)
      : source_(source), node_(node), experiment_(experiment), plan_(plan) {}

  void read(const EarlierReader& reader) {
    const WarmStartSettings& settings = plan_.settings;
    if (settings.results.empty()) fail("results", "is missing: name a finished results folder");
    if (!reader) fail("", "earlier results cannot be used here");
    for (const std::string& folder : settings.results) read_folder(folder, reader);
    check_labels("problems", settings.problems, problem_labels_);
    check_labels("strategies", settings.strategies, strategy_labels_);
    for (const ProblemPlan& problem : experiment_.problems) plan_.problems.push_back(plan_for(problem));
  }

 private:
  // A search whose trials fit a problem's space.
  struct Fitting {
    std::uint64_t seed = 0;
    EarlierSearch search;
    Charge charge;
  };
  struct Fit {
    std::vector<Fitting> searches;
    std::size_t taken = 0, left_out = 0;  // trials
  };

  [[noreturn]] void fail(const std::string& key, const std::string& message) const {
    const std::string path = key.empty() ? std::string(kKey) : fmt::format("{}.{}", kKey, key);
    const YamlNode& at = node_.is_map() && !key.empty() ? locate(node_, key) : node_;
    throw InputError({source_.file, at.line, at.column}, path, message);
  }

  void read_folder(const std::string& folder, const EarlierReader& reader) {
    const WarmStartSettings& settings = plan_.settings;
    const auto wanted = [&](const std::string& problem, const std::string& strategy) {
      return names_it(settings.problems, problem) && names_it(settings.strategies, strategy);
    };
    const std::filesystem::path given(folder);
    try {
      results_.push_back(reader(given.is_absolute() ? given : source_.directory / given, wanted));
    } catch (const InputError& error) {
      fail("results", error.message());
    }
    const EarlierResults& results = results_.back();
    if (std::ranges::find(plan_.digests, results.digest) != plan_.digests.end())
      fail("results", printable(folder) + " holds the same results as another of the folders");
    plan_.digests.push_back(results.digest);
    plan_.warm_started = plan_.warm_started || results.warm_started;
    for (const auto& task : results.tasks) problem_labels_.insert(task.label);
    strategy_labels_.insert(results.strategies.begin(), results.strategies.end());
  }

  void check_labels(const char* key, const std::vector<std::string>& names,
                    const std::set<std::string>& known) const {
    const std::vector<std::string> labels(known.begin(), known.end());
    for (const std::string& name : names)
      if (!known.contains(name))
        fail(key, fmt::format("'{}' is not in the earlier results, which hold {}", printable(name),
                              printable(join_names(labels, 10))));
  }

  [[nodiscard]] Fit fit(const ProblemPlan& problem) const {
    Fit fit;
    for (const EarlierResults& results : results_)
      for (const EarlierResults::Search& search : results.searches) {
        const EarlierResults::Task& task = results.tasks[search.task];
        if (plan_.settings.leave_out_same && task.settings == problem.settings) continue;
        Fitting fitting{search.seed, mapped(search, task, problem.problem->space()), search.charge};
        const std::size_t taken = fitting.search.trials.size();
        fit.taken += taken;
        fit.left_out += search.trials.size() - taken;
        if (taken > 0) fit.searches.push_back(std::move(fitting));
      }
    return fit;
  }

  static EarlierSearch mapped(const EarlierResults::Search& search, const EarlierResults::Task& task,
                              const SearchSpace& space) {
    EarlierSearch result{
        fmt::format("{}, {}, seed {}", task.label, search.strategy, search.seed), task.settings, {}};
    const SpaceMap map(task.space, space);
    for (const EarlierTrial& trial : search.trials)
      if (auto configuration = map(trial.configuration))
        result.trials.push_back({std::move(*configuration), trial.fidelity, trial.loss, trial.charged});
    return result;
  }

  [[nodiscard]] EarlierPlan plan_for(const ProblemPlan& problem) const {
    Fit fit = this->fit(problem);
    if (fit.searches.empty())
      fail("results",
           fmt::format("nothing of it can be used for {}: {}", printable(problem.label),
                       fit.left_out == 0
                           ? "no search of another problem is left"
                           : fmt::format("none of {} trials is a configuration of its search space "
                                         "(same parameters, values within their domains)",
                                         fit.left_out)));
    EarlierPlan plan;
    if (plan_.settings.seeds == EarlierSeeds::all) {
      add_part(plan, fit, [](const Fitting&) { return true; });
    } else {
      for (const std::uint64_t seed : experiment_.seeds) {
        add_part(plan, fit, [seed](const Fitting& fitting) { return fitting.seed == seed; });
        if (plan.parts.back().count == 0)
          fail("seeds", fmt::format("no earlier search of seed {} can be used for {}", seed,
                                    printable(problem.label)));
      }
    }
    if (fit.left_out > 0)
      plan.notes.push_back(
          fmt::format("{} of {} earlier trials are no configurations of this search space and are left out.",
                      grouped(static_cast<double>(fit.left_out)),
                      grouped(static_cast<double>(fit.left_out + fit.taken))));
    return plan;
  }

  template <class Chosen>
  static void add_part(EarlierPlan& plan, Fit& fit, const Chosen& chosen) {
    EarlierPlan::Part part{plan.searches.size(), 0, {}};
    for (Fitting& fitting : fit.searches) {
      if (!chosen(fitting)) continue;
      part.share += fitting.charge;
      ++part.count;
      plan.searches.push_back(std::move(fitting.search));
    }
    plan.parts.push_back(part);
  }

  const YamlSource& source_;
  const YamlNode& node_;
  const Experiment& experiment_;
  WarmStartPlan& plan_;
  std::vector<EarlierResults> results_;
  std::set<std::string> problem_labels_, strategy_labels_;
};

// The charge of one line of electricity that a user states.
Charge charge_of(Carbon stated) {
  Charge charge;
  charge[Line::device_dynamic].operational = stated;
  return charge;
}

// "not counted here", or what is counted.
std::string counting_text(const WarmStartSettings& settings) {
  if (!settings.counts()) return "not counted in what searches cost here";
  const auto stated = stated_carbon(settings);
  const std::string what = stated ? mass_text(*stated) + " CO2e" : std::string("this");
  if (settings.uses == 1)
    return what + (stated ? " are" : " is") + " counted in what each of their searches costs here";
  return fmt::format("1/{} of {} is counted in what each of their searches costs here", settings.uses, what);
}

// Who learns from how much, and what that emitted.
std::string source_text(const EarlierPlan& plan, const WarmStartPlan& whole,
                        const std::vector<std::string>& learners) {
  Carbon emitted;
  std::size_t searches = 0;
  for (const EarlierPlan::Part& part : plan.parts) {
    emitted += part.share.total().carbon();
    searches += part.count;
  }
  const auto parts = static_cast<double>(plan.parts.size());
  std::vector<std::string> folders;
  for (const std::string& folder : whole.settings.results) folders.push_back(printable(folder));
  const bool same = whole.settings.seeds == EarlierSeeds::same;
  return fmt::format(
      "{} {} from {} earlier {} {}in {}, which {} {} CO2e{}: {}.", joined(learners),
      learners.size() == 1 ? "learns" : "learn", count_text(static_cast<double>(searches) / parts),
      searches == plan.parts.size() ? "search" : "searches", same ? "of the same seed " : "", joined(folders),
      searches == 1 ? "has emitted" : "have emitted", mass_text((1.0 / parts) * emitted),
      whole.warm_started ? ", without what they themselves learned from" : "", counting_text(whole.settings));
}

void settle_share(EarlierPlan::Part& part, const WarmStartSettings& settings) {
  if (const auto stated = stated_carbon(settings)) part.share = charge_of(*stated);
  if (!settings.counts()) {
    part.share = {};
  } else {
    part.share *= 1.0 / static_cast<double>(settings.uses);
  }
}

// Those that refuse every search when they know nothing.
bool learns(const StrategyPlan& strategy, StrategyContext context) {
  context.earlier = {};
  return strategy.recipe->refuses(context).has_value();
}

// The catalogue's strategies that need a warm start on this problem.
std::vector<std::string> known_learners(const StrategyContext& context) {
  std::vector<std::string> names;
  for (const auto& entry : strategy_catalogue()) {
    const auto recipe = entry.make();
    StrategyContext without = context;
    without.earlier = {};
    if (!recipe->refuses(context) && recipe->refuses(without)) names.emplace_back(entry.name);
  }
  return names;
}

}  // namespace

void read_warm_start(SettingsReader& top, const YamlNode& root, const YamlSource& source,
                     const EarlierReader& reader, Experiment& experiment) {
  WarmStartPlan& plan = experiment.warm_start;
  std::string folder;
  top.name_or_group(kKey, folder, "", [&](SettingsVisitor& visitor) { plan.settings.visit(visitor); });
  const YamlNode* node = root.find(kKey);
  if (!node) return;
  if (!folder.empty()) plan.settings.results = {folder};
  WarmStartReader(source, *node, experiment, plan).read(reader);
}

void find_learners(const YamlNode& root, const YamlSource& source, Experiment& experiment) {
  WarmStartPlan& plan = experiment.warm_start;
  if (!plan.given()) return;
  std::vector<std::string> labels;
  for (std::size_t s = 0; s < experiment.strategies.size(); ++s) {
    plan.learns.push_back(learns(experiment.strategies[s], strategy_context(experiment, {0, 0, 0, s, 0})));
    if (plan.learns.back()) labels.push_back(experiment.strategies[s].label);
  }
  const YamlNode& node = *root.find(kKey);
  if (labels.empty())
    throw InputError({source.file, node.line, node.column}, kKey,
                     "no strategy of the file learns from earlier results; those that do: " +
                         join_names(known_learners(strategy_context(experiment, {0, 0, 0, 0, 0}))));
  for (EarlierPlan& problem : plan.problems) {
    problem.notes.insert(problem.notes.begin(), source_text(problem, plan, labels));
    for (EarlierPlan::Part& part : problem.parts) settle_share(part, plan.settings);
  }
}

}  // namespace tonne
