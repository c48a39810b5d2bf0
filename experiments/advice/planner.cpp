#include "experiments/advice/planner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/recipe.h"
#include "cost_models/catalogue.h"
#include "cost_models/cluster_settings.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/comparable.h"
#include "experiments/analysis/statistics.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostChoices = 500;
constexpr std::size_t kMostShown = 8;
constexpr std::uint64_t kFreshSeed = 1'000'001;  // far from the choosing ones

// A folder of the system's temporary place that vanishes.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "tonne-plan-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw StoreError(pattern + ": cannot be created");
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] fs::path next() { return path_ / std::to_string(count_++); }

 private:
  fs::path path_;
  std::size_t count_ = 0;
};

struct Machines {
  std::string device, grid, workers, start;
};

std::vector<Machines> all_machines(const PlanRequest& request) {
  const auto choices = [](const std::vector<std::string>& list) {
    return list.empty() ? std::vector<std::string>{""} : list;
  };
  std::vector<Machines> machines;
  for (const std::string& device : choices(request.devices))
    for (const std::string& grid : choices(request.grids))
      for (const std::string& workers : choices(request.workers))
        for (const std::string& start : choices(request.starts))
          machines.push_back({device, grid, workers, start});
  return machines;
}

std::string limit_text(const std::string& limit, double part) {
  if (part == 1.0) return limit;
  // "5 kg" -> "1.25 kg": the number stands first.
  char* rest = nullptr;
  const double amount = std::strtod(limit.c_str(), &rest);
  return fmt::format("{}{}", amount * part, rest);
}

// The experiment in the language of experiment files: one reader, one place for messages.
std::string experiment_text(const PlanRequest& request, const std::vector<std::string>& strategies,
                            const Machines& machines, const std::string& seeds, double part) {
  std::string text = fmt::format(
      "name: plan\nseeds: {}\nrecord: incumbents\nproblems: [{{{}}}]\nstrategies: [", seeds,
      request.problem.find(':') == std::string::npos ? request.problem + ": {}" : request.problem);
  for (std::size_t i = 0; i < strategies.size(); ++i)
    text +=
        fmt::format("{}{}", i == 0 ? "" : ", ",
                    strategies[i].find(':') == std::string::npos ? strategies[i] : "{" + strategies[i] + "}");
  text += "]\ncluster: {";
  std::string cluster;
  const auto add = [&](std::string& list, const char* key, const std::string& value) {
    if (!value.empty()) list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", key, value);
  };
  add(cluster, "device", machines.device);
  add(cluster, "workers", machines.workers);
  add(cluster, "grid", machines.grid);
  add(cluster, "start", machines.start);
  if (!request.pue.empty()) add(cluster, "facility", "{pue: " + request.pue + "}");
  std::string budget;
  for (const auto& [key, limit] : {std::pair("co2e", request.carbon), std::pair("energy", request.energy),
                                   std::pair("money", request.money), std::pair("time", request.deadline)})
    if (!limit.empty()) add(budget, key, limit_text(limit, part));
  text += cluster + "}\nbudget: {" + budget + "}\novershoot: deny\nfinal: {retrain: none}\n";
  std::string deployment;
  if (request.trainings > 0.0) add(deployment, "trainings", fmt::format("{}", request.trainings));
  if (request.inferences > 0.0) add(deployment, "inferences", fmt::format("{}", request.inferences));
  if (!deployment.empty()) text += "deployment: {" + deployment + "}\n";
  return text;
}

Board simulate(const std::string& text, unsigned threads, Scratch& scratch) {
  const Experiment experiment = parse_experiment(text, "the plan", ".");
  for (const StrategyPlan& strategy : experiment.strategies)
    if (const auto command = strategy.recipe->runs())
      throw InputError(fmt::format(
          "{} runs a command ({}), which tonne plan does not allow; use tonne run --allow-external",
          printable(strategy.label), printable(*command)));
  Store store = Store::create(scratch.next(), experiment, {});
  Progress progress;
  (void)run_cells(experiment, {}, threads, store, progress);
  std::vector<Board> boards = read_boards(store);
  if (boards.size() != 1)
    throw InputError(
        fmt::format("a plan covers one problem on one set of machines, but this makes {}", boards.size()));
  return std::move(boards.front());
}

// The entry's own name, whatever the user called it; a group of settings is left as it is.
std::string grid_name(const std::string& grid) {
  if (grid.starts_with('{')) return grid;
  const auto entry = Catalogue::shipped()->find_grid(grid);
  return entry ? entry->name : grid;
}

PlanOption option_of(const Board& board, std::size_t s, const Machines& machines) {
  const LeaderboardRow& row = board.leaderboard.rows[s];
  PlanOption option;
  option.strategy = row.strategy;
  option.device = machines.device;
  option.grid = grid_name(machines.grid);
  option.workers = machines.workers;
  option.start = machines.start;
  option.place = board.place.summary;
  option.signal = signal_kind(board.place);
  if (row.without_winner < row.seeds) {
    option.value = row.value.mean;
    option.low = row.value.low;
    option.high = row.value.high;
  }
  option.evaluations = row.evaluations;
  option.hours = row.makespan / hour;
  option.kilowatt_hours = row.search.energy / kilowatt_hour;
  option.kilograms = row.search.carbon() / kilogram;
  if (row.money) option.dollars = *row.money / dollar;
  for (const BoardSearch& search : board.strategies[s].searches)
    if (search.value) option.values_by_seed.push_back(*search.value);
  return option;
}

double gain(const SearchPlan& plan, double from, double to) {
  return plan.higher_is_better ? to - from : from - to;
}

void sort_best_first(SearchPlan& plan) {
  std::ranges::sort(plan.options, {}, [&](const PlanOption& option) {
    return std::tuple(!option.value, option.value ? -gain(plan, 0.0, *option.value) : 0.0, option.kilograms,
                      option.strategy, option.grid, option.workers, option.start, option.device);
  });
}

// Which options the choosing seeds do not tell apart from the best. The best mean is taken, unless one of
// those emits clearly less; then that one, unless a further one emits clearly less still. No adjustment for
// many comparisons: it would call weak options level with the best.
void choose(SearchPlan& plan, std::size_t seeds) {
  constexpr double kClearlyLess = 0.8;
  const PlanOption& best = plan.options.front();
  if (!best.value) return;
  plan.chosen = 0;
  plan.options.front().level = true;
  for (std::size_t i = 1; i < plan.options.size(); ++i) {
    PlanOption& option = plan.options[i];
    const bool paired = option.values_by_seed.size() == seeds && best.values_by_seed.size() == seeds;
    option.level =
        paired && wilcoxon_signed_rank(best.values_by_seed, option.values_by_seed).p >= kSignificant;
    if (option.level && option.kilograms < kClearlyLess * plan.options[*plan.chosen].kilograms)
      plan.chosen = i;
  }
}

std::string fresh_list(std::size_t count) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += fmt::format("{}{}", i == 0 ? "" : ", ", kFreshSeed + i);
  return list + "]";
}

Machines machines_of(const PlanOption& option) {
  return {option.device, option.grid, option.workers, option.start};
}

void expect(SearchPlan& plan, const PlanRequest& request, const std::vector<std::string>& settings,
            Scratch& scratch, const std::function<void(const std::string&)>& working) {
  const PlanOption& chosen = plan.options[*plan.chosen];
  for (const double part : {0.25, 0.5, 1.0}) {
    working(fmt::format("{} on fresh seeds, {:g} of the limit", chosen.strategy, part));
    const Board board = simulate(
        experiment_text(request, settings, machines_of(chosen), fresh_list(request.fresh_seeds), part),
        request.threads, scratch);
    plan.ladder.push_back(option_of(board, 0, machines_of(chosen)));
    if (part < 1.0) continue;
    plan.expected = plan.ladder.back();
    const auto& values = plan.expected->values_by_seed;
    const auto better = std::ranges::count_if(
        values, [&](double value) { return gain(plan, plan.default_value, value) > 0.0; });
    plan.chance_of_gain = static_cast<double>(better) / static_cast<double>(request.fresh_seeds);
    const auto& payback = board.leaderboard.rows.front().payback;
    if (!board.leaderboard.deployment.given()) continue;
    plan.payback = payback ? break_even_text(*payback, board.leaderboard.deployment) : "not known";
    if (payback && (!payback->break_even || *payback->break_even > 1.0)) plan.advice = PlanAdvice::no_payback;
  }
}

void judge(SearchPlan& plan) {
  if (!plan.expected || !plan.expected->value) {
    plan.advice = PlanAdvice::too_little;
    return;
  }
  const PlanOption& expected = *plan.expected;
  const double worst = !expected.low           ? *expected.value
                       : plan.higher_is_better ? *expected.low
                                               : *expected.high;
  if (gain(plan, plan.default_value, worst) <= 0.0) plan.advice = PlanAdvice::no_gain;
}

// Kilograms of two kinds of grid signal are not one quantity: the cleaner grid may only be counted otherwise.
void warn(SearchPlan& plan) {
  std::vector<std::string> kinds;
  for (const PlanOption& option : plan.options) kinds.push_back(option.signal);
  plan.warning = mixed_kinds_warning(std::move(kinds));
  const auto unknown = std::ranges::count_if(plan.options, [](const PlanOption& option) {
    return option.place.find(kManufactureNotKnown) != std::string::npos;
  });
  if (unknown == 0 || static_cast<std::size_t>(unknown) == plan.options.size()) return;
  plan.warning += std::string(plan.warning.empty() ? "" : " ") +
                  "Of some of these machines the manufacture is not known and not counted: they look cleaner than "
                  "they are, and a limit of CO2e buys more evaluations on them.";
}

// --- words ---

std::string value_text(const SearchPlan& plan, double value) {
  return tonne::value_text(value, plan.unit) + (plan.unit.empty() ? "" : " " + plan.unit);
}

// Of a trace the column, or the whole where it has none: settings would fill the line.
std::string grid_text(const std::string& grid) {
  const std::size_t column = grid.find("column:");
  if (!grid.starts_with('{') || column == std::string::npos) return grid;
  const std::size_t begin = grid.find_first_not_of(' ', column + 7);
  return "trace " + grid.substr(begin, grid.find_first_of(",}", begin) - begin);
}

// What was chosen of the machines; empty where there was no choice.
std::string choice_text(const PlanOption& option) {
  std::string text;
  const auto add = [&](const std::string& value, const std::string& words) {
    if (!value.empty()) text += (text.empty() ? "" : ", ") + words;
  };
  add(option.workers, option.workers + " worker" + (option.workers == "1" ? "" : "s"));
  add(option.device, option.device);
  add(option.grid, "grid " + grid_text(option.grid));
  add(option.start, "start " + option.start);
  return text;
}

std::string machines_text(const PlanOption& option) {
  const std::string choice = choice_text(option);
  return choice.empty() ? option.place : choice;
}

std::string interval_text(const SearchPlan& plan, const PlanOption& option) {
  return option.low ? value_text(plan, *option.low) + " .. " + value_text(plan, *option.high) : "-";
}

std::string costs_text(const PlanOption& option) {
  return fmt::format("{} CO2e, {}, {} and {}", mass_text(option.kilograms * kilogram),
                     energy_text(option.kilowatt_hours * kilowatt_hour), option.dollars ? money_text(*option.dollars * dollar) : "a cost not known",
                     duration_text(option.hours * hour));
}

std::string advice_text(const SearchPlan& plan) {
  if (plan.advice == PlanAdvice::too_little)
    return "Do not search within this limit: it does not cover a single successful trial. A run with "
           "`budget: {evaluations: 1}` shows what one trial costs.";
  const PlanOption& expected = *plan.expected;
  const std::string outcome =
      fmt::format("{} ({} over {} fresh seeds) for {}", value_text(plan, *expected.value),
                  interval_text(plan, expected), expected.values_by_seed.size(), costs_text(expected));
  if (plan.advice == PlanAdvice::no_gain)
    return fmt::format(
        "Do not search: the best option found, {} ({}), is expected to reach a mean {} of {}; the default "
        "configuration already gives {} at no cost.",
        expected.strategy, machines_text(expected), plan.objective, outcome,
        value_text(plan, plan.default_value));
  if (plan.advice == PlanAdvice::no_payback)
    return fmt::format(
        "Do not search to save CO2e: {} ({}) is expected to reach a mean {} of {}, and what the result saves "
        "later does not make up for the search (pays back after: {}).",
        expected.strategy, machines_text(expected), plan.objective, outcome, plan.payback);
  return fmt::format(
      "Use {} ({}): expect a mean {} of {}. The default configuration gives {}; {:.0f} % of the fresh "
      "searches beat it.",
      expected.strategy, machines_text(expected), plan.objective, outcome,
      value_text(plan, plan.default_value), 100.0 * *plan.chance_of_gain);
}

std::string level_text(const SearchPlan& plan) {
  const auto level = std::ranges::count_if(plan.options, &PlanOption::level);
  if (level < 2) return "No other option is statistically level with it.";
  return fmt::format("{} of {} options are statistically level with the best on the selection seeds (*); {}.",
                     level, plan.options.size(),
                     *plan.chosen == 0
                         ? "this one has the best mean, and none of the others emits clearly less"
                         : "this one emits clearly less than the option with the best mean");
}

std::vector<std::string> row_of(const SearchPlan& plan, const PlanOption& option, const std::string& mark) {
  return {printable(option.strategy) + mark,
          printable(machines_text(option)),
          option.value ? value_text(plan, *option.value) : "none",
          interval_text(plan, option),
          grouped(option.evaluations),
          significant_text(option.hours),
          significant_text(option.kilowatt_hours),
          significant_text(option.kilograms),
          option.dollars ? significant_text(*option.dollars) : "not known"};
}

Json option_json(const PlanOption& option, const std::string& unit) {
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  return {{"strategy", option.strategy},       {"device", option.device},   {"grid", option.grid},
          {"workers", option.workers},         {"start", option.start},     {"place", option.place},
          {"value", number(option.value)},     {"low", number(option.low)}, {"high", number(option.high)},
          {"unit", unit},
          {"evaluations", option.evaluations}, {"hours", option.hours},     {"kwh", option.kilowatt_hours},
          {"kg_co2e", option.kilograms},       {"usd", number(option.dollars)},     {"level", option.level}};
}

}  // namespace

SearchPlan plan_search(const PlanRequest& request, const std::function<void(const std::string&)>& working) {
  if (request.carbon.empty() && request.energy.empty() && request.money.empty() && request.deadline.empty())
    throw InputError("a plan needs a limit: --limit '5 kg', '20 kWh' or '100 USD', or --deadline '2 days'");
  const std::vector<std::string> strategies =
      request.strategies.empty() ? std::vector<std::string>{"random", "regularized_evolution", "tpe", "gp"}
                                 : request.strategies;
  const std::vector<Machines> machines = all_machines(request);
  if (machines.size() * strategies.size() > kMostChoices)
    throw InputError(fmt::format("{} options are too many to simulate; the maximum is {}",
                                 machines.size() * strategies.size(), kMostChoices));
  Scratch scratch;
  SearchPlan plan;
  std::map<std::string, std::string> settings;  // by label
  for (const Machines& choice : machines) {
    for (const std::string& strategy : strategies) {
      PlanOption shown;
      shown.device = choice.device;
      shown.grid = choice.grid;
      shown.workers = choice.workers;
      shown.start = choice.start;
      working(strategy + (machines_text(shown).empty() ? "" : ", " + machines_text(shown)));
      const Board board =
          simulate(experiment_text(request, {strategy}, choice, std::to_string(request.seeds), 1.0),
                   request.threads, scratch);
      plan.problem = board.traits.label;
      plan.objective = board.traits.objective;
      plan.unit = board.traits.unit;
      plan.higher_is_better = board.traits.direction == Direction::maximise;
      plan.default_value = board.traits.default_true_value;
      for (std::size_t s = 0; s < board.strategies.size(); ++s) {
        plan.options.push_back(option_of(board, s, choice));
        settings[board.strategies[s].label] = strategy;
      }
    }
  }
  sort_best_first(plan);
  choose(plan, request.seeds);
  if (plan.chosen)
    expect(plan, request, {settings.at(plan.options[*plan.chosen].strategy)}, scratch, working);
  judge(plan);
  warn(plan);
  return plan;
}

std::string plan_text(const SearchPlan& plan, const TextStyle& style) {
  std::string text = wrapped(printable(advice_text(plan)), style.width) + "\n";
  if (!plan.chosen) return text;
  if (!plan.warning.empty()) text += wrapped(plan.warning, style.width) + "\n";
  if (plan.advice == PlanAdvice::search) text += wrapped(level_text(plan), style.width) + "\n";
  TextRows choices{
      {plan.problem, "machines", plan.objective, "95 % interval", "evals", "hours", "kWh", "kg CO2e", "USD"}};
  for (std::size_t i = 0; i < std::min(kMostShown, plan.options.size()); ++i)
    choices.push_back(row_of(plan, plan.options[i], plan.options[i].level ? " *" : ""));
  // Without a choice of machines their names would stand in every line.
  const bool no_choice = choice_text(plan.options.front()).empty();
  if (no_choice) text += wrapped("On " + printable(plan.options.front().place) + ":", style.width) + "\n";
  const auto table = [&](TextRows rows) {
    if (no_choice)
      for (auto& row : rows) row.erase(row.begin() + 1);
    return format_table(std::move(rows), style,
                        {.expendable = {"evals", "kWh", "hours", "USD", "95 % interval"}});
  };
  text += table(choices);
  if (plan.options.size() > kMostShown)
    text += fmt::format("  ... and {} more\n", plan.options.size() - kMostShown);
  TextRows ladder{{"what the limit buys", "machines", plan.objective, "95 % interval", "evals", "hours",
                   "kWh", "kg CO2e", "USD"}};
  constexpr const char* kParts[] = {"a quarter", "half", "all of it"};
  for (std::size_t i = 0; i < plan.ladder.size(); ++i) {
    std::vector<std::string> row = row_of(plan, plan.ladder[i], "");
    row.front() = kParts[i];
    ladder.push_back(std::move(row));
  }
  text += "\n" + table(ladder) + "\n";
  if (!plan.payback.empty()) text += wrapped("Pays back after: " + plan.payback + ".", style.width);
  text += wrapped(
      "The option was selected on one set of seeds and then simulated again on fresh ones, because the best "
      "of many options looks better than it is. Figures are means per search.",
      style.width);
  return text;
}

std::string plan_json(const SearchPlan& plan) {
  constexpr const char* kAdvice[] = {"search", "no gain", "too little", "no payback"};
  Json json = {{"problem", plan.problem},
               {"objective", plan.objective},
               {"unit", plan.unit},
               {"default", plan.default_value},
               {"advice", kAdvice[static_cast<std::size_t>(plan.advice)]},
               {"sentence", advice_text(plan)}};
  json["expected"] = plan.expected ? option_json(*plan.expected, plan.unit) : Json();
  json["chance_of_gain"] = plan.chance_of_gain ? Json(*plan.chance_of_gain) : Json();
  json["payback"] = plan.payback;
  json["warning"] = plan.warning;
  for (const auto& [key, list] : {std::pair("options", &plan.options), std::pair("ladder", &plan.ladder)}) {
    json[key] = Json::array();
    for (const PlanOption& option : *list) json[key].push_back(option_json(option, plan.unit));
  }
  return json_document(json, JsonText::ascii);
}

}  // namespace tonne
