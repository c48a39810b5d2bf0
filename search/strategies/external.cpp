// A strategy in another program, in any language: JSON lines over its standard input and output. The protocol, version 1, is in
// docs/external-protocol.md.
//
// One message for each ask, with everything told since the one before, so that the conversation is the same whatever the machine and
// its load: as deterministic as the program. The program starts at the first ask and ends with the search.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/recipe.h"
#include "search/strategies/external_process.h"

namespace tonne {
namespace {

using Json = nlohmann::ordered_json;

struct ExternalSettings {
  std::vector<std::string> command;
  std::filesystem::path script;
  Duration answer_within = 60.0 * second;
  Duration start_within = 60.0 * second;

  void visit(SettingsVisitor& visitor) {
    visitor.texts("command", command, "the program and its arguments, as in [python3, -u]; no shell reads them");
    visitor.path("script", script, "a file that follows the command as its last argument");
    visitor.quantity("answer_within", answer_within, Bounds::above(0.0), "real time that the program has for an answer");
    visitor.quantity("start_within", start_within, Bounds::above(0.0), "real time that it has for the first one");
  }

  [[nodiscard]] std::vector<std::string> words() const {
    std::vector<std::string> result = command;
    if (!script.empty()) result.push_back(script.string());
    return result;
  }
};

// --- what the program is told ---

Json parameter_json(const SearchSpace& space, std::size_t i) {
  const Parameter& parameter = space[i];
  Json json;
  json["name"] = parameter.name;
  if (const auto* real = std::get_if<Real>(&parameter.domain)) {
    json.update({{"type", "real"}, {"low", real->low}, {"high", real->high}, {"log", real->scale == Scale::log}});
  } else if (const auto* integer = std::get_if<Integer>(&parameter.domain)) {
    json.update({{"type", "integer"}, {"low", integer->low}, {"high", integer->high}, {"log", integer->scale == Scale::log}});
  } else if (const auto* categorical = std::get_if<Categorical>(&parameter.domain)) {
    json.update({{"type", "categorical"}, {"choices", categorical->choices}});
  } else {
    json.update({{"type", "ordinal"}, {"choices", std::get<Ordinal>(parameter.domain).levels}});
  }
  if (parameter.active_when) {
    Json choices = Json::array();
    for (const std::size_t choice : parameter.active_when->choices)
      choices.push_back(space.value_text(parameter.active_when->parent, static_cast<double>(choice)));
    json["active_when"] = {{"parameter", space[parameter.active_when->parent].name}, {"choices", choices}};
  }
  return json;
}

Json values_json(const SearchSpace& space, const Configuration& configuration) {
  Json json = Json::object();
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!configuration.is_active(i)) continue;
    if (std::holds_alternative<Integer>(space[i].domain))
      json[space[i].name] = static_cast<std::int64_t>(configuration[i]);
    else if (std::holds_alternative<Real>(space[i].domain))
      json[space[i].name] = configuration[i];
    else
      json[space[i].name] = space.value_text(i, configuration[i]);
  }
  return json;
}

Json first_message(const StrategyContext& context, std::uint64_t seed) {
  Json json;
  json["tonne"] = 1;
  json["problem"] = context.traits.name;
  json["losses"] = Json::array();
  for (const ObjectiveTraits& objective : context.traits.objectives)
    json["losses"].push_back({{"name", objective.name},
                              {"unit", objective.unit},
                              {"negated", objective.direction == Direction::maximise}});
  json["constraints"] = context.traits.constraints;
  const FidelityTraits& fidelity = context.traits.fidelity;
  json["fidelity"] = {{"name", fidelity.name},         {"lowest", fidelity.lowest}, {"highest", fidelity.highest},
                      {"integral", fidelity.integral}, {"levels", fidelity.levels}, {"default", context.fidelity}};
  json["workers"] = context.workers;
  json["seed"] = seed;
  json["parameters"] = Json::array();
  for (std::size_t i = 0; i < context.space.size(); ++i) json["parameters"].push_back(parameter_json(context.space, i));
  return json;
}

Json told_json(const SearchSpace& space, const Trial& trial) {
  Json json;
  json["id"] = trial.id;
  json["parameters"] = values_json(space, trial.proposal.configuration);
  json["fidelity"] = trial.proposal.fidelity;
  if (trial.completed()) {
    json["losses"] = Json::array();
    for (const double loss : std::get<Completed>(trial.result).losses) json["losses"].push_back(loss);
  } else {
    json["failed"] = to_string(std::get<Failed>(trial.result).reason);
  }
  if (!trial.constraints.empty()) {
    json["constraints"] = Json::array();
    for (const double value : trial.constraints) json["constraints"].push_back(value);
  }
  const Usage used = trial.charge.total();
  json["seconds"] = trial.charge.time / second;
  json["kwh"] = used.energy / kilowatt_hour;
  json["co2e_kg"] = used.carbon() / kilogram;
  json["usd"] = used.money / dollar;
  return json;
}

/// 53 bits, which every JSON reader holds exactly.
std::uint64_t seed_of(const Random& random) { return random.name() >> 11U; }

std::chrono::milliseconds milliseconds(Duration duration) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::min(duration / second, 1e9) * 1000.0)));
}

class External final : public Strategy {
 public:
  External(const ExternalSettings& settings, const StrategyContext& context)
      : settings_(settings), context_(context), traits_(context.traits) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (done_) return std::nullopt;
    if (!queue_.empty()) {
      Proposal next = std::move(queue_.front());
      queue_.pop_front();
      last_asked_ = id;
      return next;
    }
    if (!process_) start(random.child("first"));
    Json message;
    message["ask"] = id;
    message["seed"] = seed_of(random);
    if (last_asked_ == id) message["turned_down"] = true;
    last_asked_ = id;
    message["tell"] = std::exchange(told_, Json::array());
    return understand(talk(message, settings_.answer_within));
  }

  void tell(const Trial& trial) override { told_.push_back(told_json(context_.space, trial)); }

 private:
  void start(const Random& random) {
    process_.emplace(settings_.words());
    const Json answer = talk(first_message(context_, seed_of(random)), settings_.start_within);
    if (!answer.contains("tonne") || answer["tonne"] != 1) fail(answer, R"(expected {"tonne": 1}, the version of the protocol)");
  }

  Json talk(const Json& message, Duration limit) {
    const std::string line = process_->exchange(message.dump(-1, ' ', true, Json::error_handler_t::replace), milliseconds(limit));
    Json answer = Json::parse(line, nullptr, false);
    if (answer.is_discarded() || !answer.is_object())
      throw InputError(process_->place() + ": found '" + printable(line.substr(0, 200)) + "', expected a JSON object");
    return answer;
  }

  [[noreturn]] void fail(const Json& answer, const std::string& what) const {
    const std::string text = answer.dump(-1, ' ', true, Json::error_handler_t::replace);
    throw InputError(process_->place() + ": " + what + "; found " + printable(text.substr(0, 200)));
  }

  std::optional<Proposal> understand(const Json& answer) {
    if (answer.contains("wait")) return std::nullopt;
    if (answer.contains("done")) {
      done_ = true;
      return std::nullopt;
    }
    if (!answer.contains("proposals")) return proposal(answer);
    const Json& batch = answer["proposals"];
    if (!batch.is_array() || batch.empty()) fail(answer, "proposals must be a list with at least one");
    for (const Json& one : batch) queue_.push_back(proposal(one));
    Proposal next = std::move(queue_.front());
    queue_.pop_front();
    return next;
  }

  Proposal proposal(const Json& answer) const {
    if (!answer.is_object() || !answer.contains("parameters") || !answer["parameters"].is_object())
      fail(answer, "expected parameters, wait, done or proposals");
    const Json& values = answer["parameters"];
    const SearchSpace& space = context_.space;
    Configuration configuration(space.size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < space.size(); ++i) {
      const bool active = space.should_be_active(i, configuration);
      if (!active) continue;
      const auto found = values.find(space[i].name);
      if (found == values.end()) fail(answer, "parameter " + printable(space[i].name) + " is missing");
      configuration.set(i, value_of(answer, i, *found));
      ++used;
    }
    if (used != values.size()) fail(answer, "a parameter is unknown, or inactive with these values");
    return {.configuration = configuration, .fidelity = fidelity_of(answer)};
  }

  [[nodiscard]] double value_of(const Json& answer, std::size_t i, const Json& value) const {
    const Parameter& parameter = context_.space[i];
    const bool is_number = std::holds_alternative<Real>(parameter.domain) || std::holds_alternative<Integer>(parameter.domain);
    if (is_number && value.is_number()) {
      const double number = value.get<double>();
      if (contains(parameter.domain, number)) return number;
    }
    if (!is_number && value.is_string()) {
      const auto* categorical = std::get_if<Categorical>(&parameter.domain);
      const auto& choices = categorical ? categorical->choices : std::get<Ordinal>(parameter.domain).levels;
      const auto at = std::ranges::find(choices, value.get_ref<const std::string&>());
      if (at != choices.end()) return static_cast<double>(at - choices.begin());
    }
    fail(answer, "parameter " + printable(parameter.name) + " takes " + allowed(parameter.domain));
  }

  static std::string allowed(const Domain& domain) {
    const auto number = [](double value) { return Json(value).dump(); };
    if (const auto* real = std::get_if<Real>(&domain)) return number(real->low) + " to " + number(real->high);
    if (const auto* integer = std::get_if<Integer>(&domain))
      return "whole numbers from " + std::to_string(integer->low) + " to " + std::to_string(integer->high);
    const auto* categorical = std::get_if<Categorical>(&domain);
    return "one of " + printable(join_names(categorical ? categorical->choices : std::get<Ordinal>(domain).levels));
  }

  [[nodiscard]] double fidelity_of(const Json& answer) const {
    if (!answer.contains("fidelity")) return context_.fidelity;
    const FidelityTraits& fidelity = traits_.fidelity;
    const double amount = answer["fidelity"].is_number() ? answer["fidelity"].get<double>() : std::nan("");
    const bool within = amount >= fidelity.lowest && amount <= fidelity.highest;
    const bool whole = !fidelity.integral || amount == std::floor(amount);
    const bool level = fidelity.levels.empty() || std::ranges::find(fidelity.levels, amount) != fidelity.levels.end();
    if (within && whole && level) return amount;
    fail(answer, "fidelity takes the amounts that the first message tells");
  }

  ExternalSettings settings_;
  StrategyContext context_;
  const ProblemTraits& traits_;
  std::optional<ExternalProcess> process_;  // from the first ask on
  Json told_ = Json::array();               // since the last message
  std::deque<Proposal> queue_;              // of a batch, not handed out yet
  std::optional<TrialId> last_asked_;
  bool done_ = false;
};

class ExternalRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext&) const override {
    if (!settings_.command.empty()) return std::nullopt;
    return "it needs a command, as in {command: [python3], script: my_strategy.py}";
  }
  [[nodiscard]] std::optional<std::string> runs() const override {
    std::string text;
    for (const std::string& word : settings_.words()) text += (text.empty() ? "" : " ") + word;
    return text;
  }
  [[nodiscard]] std::uint64_t content_digest() const override {
    constexpr std::size_t kLongestScript = 10'000'000;
    return settings_.script.empty() ? 0 : hash_text(read_text_file(settings_.script, kLongestScript));
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<External>(settings_, context);
  }

 private:
  ExternalSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_external_recipe() { return std::make_unique<ExternalRecipe>(); }

}  // namespace tonne
