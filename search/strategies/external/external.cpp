// A strategy in another program, in any language: JSON lines over its standard input and output. The
// protocol, version 1, is in docs/external-protocol.md.
//
// One message for each ask, with everything told since the one before, so that the conversation is the same
// whatever the machine and its load: as deterministic as the program. The program starts at the first ask and
// ends with the search.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/json.h"
#include "core/recipe.h"
#include "search/strategies/external/external.h"
#include "search/strategies/external/external_process.h"

namespace tonne {
namespace {

struct ExternalSettings {
  std::vector<std::string> command;
  std::filesystem::path script;
  Duration answer_within = 60.0 * second;
  Duration start_within = 60.0 * second;

  void visit(SettingsVisitor& visitor) {
    visitor.texts("command", command, "program and arguments, e.g. [python3, -u]; not run through a shell");
    visitor.path("script", script,
                 "file passed as the command's last argument; without a command, the program to run");
    visitor.quantity("answer_within", answer_within, Bounds::above(0.0), "wall-clock timeout per answer");
    visitor.quantity("start_within", start_within, Bounds::above(0.0),
                     "wall-clock timeout of the first answer");
  }

  [[nodiscard]] std::vector<std::string> words() const {
    std::vector<std::string> result = command;
    if (script.empty()) return result;
    // A bare name as the program would be looked up in PATH.
    const bool is_bare = command.empty() && !script.has_parent_path();
    result.push_back(is_bare ? "./" + script.string() : script.string());
    return result;
  }
};

// As one would type it in a shell, so that where an argument ends can be seen.
std::string as_typed(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// --- what the program is told ---

Json value_json(const SearchSpace& space, std::size_t i, double value) {
  if (std::holds_alternative<Integer>(space[i].domain)) return static_cast<std::int64_t>(value);
  if (std::holds_alternative<Real>(space[i].domain)) return value;
  return space.value_text(i, value);
}

Json parameter_json(const SearchSpace& space, std::size_t i) {
  const Parameter& parameter = space[i];
  Json json;
  json["name"] = parameter.name;
  if (const auto* real = std::get_if<Real>(&parameter.domain)) {
    json.update(
        {{"type", "real"}, {"low", real->low}, {"high", real->high}, {"log", real->scale == Scale::log}});
  } else if (const auto* integer = std::get_if<Integer>(&parameter.domain)) {
    json.update({{"type", "integer"},
                 {"low", integer->low},
                 {"high", integer->high},
                 {"log", integer->scale == Scale::log}});
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
  if (parameter.default_value) json["default"] = value_json(space, i, *parameter.default_value);
  return json;
}

Json values_json(const SearchSpace& space, const Configuration& configuration) {
  Json json = Json::object();
  for (std::size_t i = 0; i < space.size(); ++i)
    if (configuration.is_active(i)) json[space[i].name] = value_json(space, i, configuration[i]);
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
  json["fidelity"] = {{"name", fidelity.name},       {"lowest", fidelity.lowest},
                      {"highest", fidelity.highest}, {"integral", fidelity.integral},
                      {"levels", fidelity.levels},   {"default", context.fidelity}};
  json["workers"] = context.workers;
  json["seed"] = seed;
  json["parameters"] = Json::array();
  for (std::size_t i = 0; i < context.space.size(); ++i)
    json["parameters"].push_back(parameter_json(context.space, i));
  return json;
}

// A proposal with the program's own name for it.
struct Tagged {
  Proposal proposal;
  Json tag;  // null: none
};

Json proposal_json(const SearchSpace& space, TrialId id, const Tagged& tagged) {
  Json json;
  json["id"] = id;
  if (!tagged.tag.is_null()) json["tag"] = tagged.tag;
  json["parameters"] = values_json(space, tagged.proposal.configuration);
  json["fidelity"] = tagged.proposal.fidelity;
  return json;
}

// Where a value is no finite number, JSON has null.
Json list_json(const Objectives& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(value);
  return json;
}

Json told_json(const SearchSpace& space, const Tagged& tagged, const Trial& trial) {
  Json json = proposal_json(space, trial.id, tagged);
  if (trial.trained_from > 0.0) json["trained_from"] = trial.trained_from;
  if (const auto* completed = std::get_if<Completed>(&trial.result)) {
    json["losses"] = list_json(completed->losses);
    if (completed->cached) json["cached"] = true;
  } else {
    json["failed"] = to_string(std::get<Failed>(trial.result).reason);
  }
  if (!trial.constraints.empty()) json["constraints"] = list_json(trial.constraints);
  const Usage used = trial.charge.total();
  json["seconds"] = trial.charge.time / second;
  json["kwh"] = used.energy / kilowatt_hour;
  json["co2e_kg"] = used.carbon() / kilogram;
  json["usd"] = used.money / dollar;
  return json;
}

// 53 bits, which every JSON reader holds exactly.
std::uint64_t seed_of(const Random& random) {
  return random.name() >> 11U;
}

std::chrono::milliseconds milliseconds(Duration duration) {
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(std::ceil(std::min(duration / second, 1e9) * 1000.0)));
}

// No answer of the protocol is nested deeper than four levels; what is could overflow the stack of a
// recursive reader.
constexpr int kDeepestNesting = 16;
// Work that no program does: a slip of units.
constexpr double kMostFlops = 1e30;

class External final : public Strategy {
 public:
  External(StartProgram start, const AnswerLimits& limits, const StrategyContext& context)
      : start_program_(std::move(start)), limits_(limits), context_(context), traits_(context.traits) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (done_) return std::nullopt;
    take_back(id);
    if (queue_.empty()) {
      if (!process_) start(random.child("first"));
      Json message;
      message["ask"] = id;
      message["seed"] = seed_of(random);
      message["tell"] = std::exchange(told_, Json::array());
      understand(id, talk(message, limits_.answer));
    }
    if (queue_.empty()) return std::nullopt;
    const Tagged& next = running_.insert_or_assign(id, std::move(queue_.front())).first->second;
    queue_.pop_front();
    return next.proposal;
  }

  // Each proposal is told of once, whatever comes twice or of trials of somebody else.
  void tell(const Trial& trial) override {
    const auto found = running_.find(trial.id);
    if (found == running_.end()) return;
    told_.push_back(told_json(context_.space, found->second, trial));
    running_.erase(found);
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed && !completed->cached)
      checkpoints_.insert_or_assign(
          trial.id, Checkpoint{trial.proposal.configuration.digest(), trial.proposal.fidelity});
  }

  [[nodiscard]] Work computed() const override { return computed_; }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  struct Checkpoint {
    std::uint64_t configuration = 0;  // its digest
    double fidelity = 0.0;
  };

  // A proposal that is asked for again was turned down.
  void take_back(TrialId id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    Json json = proposal_json(context_.space, id, found->second);
    json["turned_down"] = true;
    told_.push_back(std::move(json));
    running_.erase(found);
  }

  void start(const Random& random) {
    process_ = start_program_([notes = context_.notes](const std::string& line) {
      if (notes != nullptr) notes->note({"external_stderr", line});
    });
    const Json answer = talk(first_message(context_, seed_of(random)), limits_.start);
    if (!answer.contains("tonne") || answer["tonne"] != 1)
      fail(R"(expected {"tonne": 1}, the protocol version)");
  }

  Json talk(const Json& message, Duration limit) {
    answer_ =
        process_->exchange(json_line(message), milliseconds(limit));
    Json answer = parse_json(answer_, kDeepestNesting);
    if (!answer.is_object())
      throw InputError(process_->place() + ": found '" + quoted() + "', expected a JSON object");
    count_work(answer);
    return answer;
  }

  void count_work(const Json& answer) {
    const auto flops = answer.find("flops");
    if (flops == answer.end()) return;
    const double count = flops->is_number() ? flops->get<double>() : -1.0;
    if (!(count >= 0.0 && count <= kMostFlops))
      fail("flops must be the work since the last answer, 0 to 1e30");
    computed_ += count * flop;
  }

  [[nodiscard]] std::string quoted() const {
    return printable(answer_.substr(0, 200)) + (answer_.size() > 200 ? "..." : "");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(process_->place() + ": " + what + "; found " + quoted());
  }

  [[nodiscard]] bool is_true(const Json& json, const char* key) const {
    const auto found = json.find(key);
    if (found == json.end()) return false;
    if (!found->is_boolean()) fail(std::string(key) + " must be true or false");
    return found->get<bool>();
  }

  // Fills the queue, or leaves it empty: wait, or done.
  void understand(TrialId id, const Json& answer) {
    if (const auto echo = answer.find("ask"); echo != answer.end() && *echo != id)
      fail("it answers a different message; expected an answer to " + std::to_string(id));
    done_ = is_true(answer, "done");
    if (done_ || is_true(answer, "wait")) return;
    const auto batch = answer.find("proposals");
    if (batch == answer.end()) return queue_.push_back(proposal(answer));
    if (!batch->is_array() || batch->empty()) fail("proposals must be a non-empty list");
    for (const Json& one : *batch) queue_.push_back(proposal(one));
  }

  [[nodiscard]] Tagged proposal(const Json& answer) const {
    if (!answer.is_object() || !answer.contains("parameters") || !answer["parameters"].is_object())
      fail("expected parameters, wait, done or proposals");
    Tagged tagged{{.configuration = configuration_of(answer["parameters"]), .fidelity = fidelity_of(answer)},
                  nullptr};
    resume(answer, tagged.proposal);
    if (const auto tag = answer.find("tag"); tag != answer.end()) {
      if (tag->is_structured()) fail("a tag must be a string or a number");
      tagged.tag = *tag;
    }
    return tagged;
  }

  [[nodiscard]] Configuration configuration_of(const Json& values) const {
    const SearchSpace& space = context_.space;
    Configuration configuration(space.size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (!space.should_be_active(i, configuration)) continue;
      const auto found = values.find(space[i].name);
      if (found == values.end()) fail("parameter " + printable(space[i].name) + " is missing");
      configuration.set(i, value_of(i, *found));
      ++used;
    }
    if (used != values.size()) fail("a parameter is unknown, or inactive under these values");
    return configuration;
  }

  void resume(const Json& answer, Proposal& proposal) const {
    proposal.inherits = is_true(answer, "inherits");
    const auto resumes = answer.find("resumes");
    if (resumes == answer.end()) {
      if (proposal.inherits) fail("inherits needs resumes: the trial to copy weights from");
      return;
    }
    const auto checkpoint =
        resumes->is_number_unsigned() ? checkpoints_.find(resumes->get<TrialId>()) : checkpoints_.end();
    if (checkpoint == checkpoints_.end())
      fail("resumes must be the id of a completed trial that was not answered from the cache");
    if (!proposal.inherits && checkpoint->second.configuration != proposal.configuration.digest())
      fail("resumes must name a trial with the same parameters, unless inherits is true");
    if (!(proposal.fidelity > checkpoint->second.fidelity))
      fail("a resuming proposal needs a higher fidelity than the trial it resumes");
    proposal.resumes = checkpoint->first;
  }

  [[nodiscard]] double value_of(std::size_t i, const Json& value) const {
    const Parameter& parameter = context_.space[i];
    const bool is_number =
        std::holds_alternative<Real>(parameter.domain) || std::holds_alternative<Integer>(parameter.domain);
    if (is_number && value.is_number()) {
      const double number = within_bounds(parameter.domain, value.get<double>());
      if (contains(parameter.domain, number)) return number;
    }
    if (!is_number && value.is_string()) {
      const auto* categorical = std::get_if<Categorical>(&parameter.domain);
      const auto& choices = categorical ? categorical->choices : std::get<Ordinal>(parameter.domain).levels;
      const auto at = std::ranges::find(choices, value.get_ref<const std::string&>());
      if (at != choices.end()) return static_cast<double>(at - choices.begin());
    }
    if (!is_number && value.is_number())  // 16 and 0.1 name the levels "16" and "0.1"
      if (const auto level = level_of(parameter.domain, value.get<double>())) return *level;
    fail("parameter " + printable(parameter.name) + " takes " + allowed(parameter.domain));
  }

  // What other programs compute of a bound may miss it in the last digits.
  static double within_bounds(const Domain& domain, double number) {
    constexpr double kRounding = 1e-12;
    const auto* real = std::get_if<Real>(&domain);
    if (!real) return number;
    if (number < real->low && number >= real->low - kRounding * std::abs(real->low)) return real->low;
    if (number > real->high && number <= real->high + kRounding * std::abs(real->high)) return real->high;
    return number;
  }

  static std::optional<double> level_of(const Domain& domain, double number) {
    const auto* categorical = std::get_if<Categorical>(&domain);
    const auto& levels = categorical ? categorical->choices : std::get<Ordinal>(domain).levels;
    const auto at = std::ranges::find_if(levels, [&](const std::string& level) { return parse_number(level) == number; });
    return at == levels.end() ? std::nullopt : std::optional(static_cast<double>(at - levels.begin()));
  }

  static std::string allowed(const Domain& domain) {
    const auto number = [](double value) { return json_line(Json(value)); };
    if (const auto* real = std::get_if<Real>(&domain)) return number(real->low) + " to " + number(real->high);
    if (const auto* integer = std::get_if<Integer>(&domain))
      return "whole numbers from " + std::to_string(integer->low) + " to " + std::to_string(integer->high);
    const auto* categorical = std::get_if<Categorical>(&domain);
    return "one of " +
           printable(join_names(categorical ? categorical->choices : std::get<Ordinal>(domain).levels));
  }

  [[nodiscard]] double fidelity_of(const Json& answer) const {
    if (!answer.contains("fidelity")) return context_.fidelity;
    const FidelityTraits& fidelity = traits_.fidelity;
    const double amount = answer["fidelity"].is_number() ? answer["fidelity"].get<double>() : std::nan("");
    const bool within = amount >= fidelity.lowest && amount <= fidelity.highest;
    const bool whole = !fidelity.integral || amount == std::floor(amount);
    const bool level =
        fidelity.levels.empty() || std::ranges::find(fidelity.levels, amount) != fidelity.levels.end();
    if (within && whole && level) return amount;
    fail("fidelity must be one of the amounts in the first message");
  }

  StartProgram start_program_;
  AnswerLimits limits_;
  StrategyContext context_;
  const ProblemTraits& traits_;
  std::unique_ptr<LineProgram> process_;  // from the first ask on
  std::string answer_;                      // the last one
  Json told_ = Json::array();               // since the last message
  std::deque<Tagged> queue_;                // of a batch, not handed out yet
  std::map<TrialId, Tagged> running_;
  std::map<TrialId, Checkpoint> checkpoints_;  // of the completed trials
  Work computed_{};
  bool done_ = false;
};

class ExternalRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext&) const override {
    if (!settings_.words().empty()) return std::nullopt;
    return "it needs a command, e.g. {command: [python3], script: my_strategy.py}";
  }
  [[nodiscard]] std::optional<std::string> runs() const override {
    std::string text;
    for (const std::string& word : settings_.words()) text += (text.empty() ? "" : " ") + as_typed(word);
    return text;
  }
  [[nodiscard]] std::uint64_t content_digest() const override {
    constexpr std::size_t kLongestScript = 10'000'000;
    return settings_.script.empty() ? 0 : hash_text(read_text_file(settings_.script, kLongestScript));
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    const auto start = [words = settings_.words()](std::function<void(const std::string&)> on_error_line) {
      return std::make_unique<ExternalProcess>(words, std::move(on_error_line));
    };
    return external_strategy(start, {settings_.start_within, settings_.answer_within}, context);
  }

 private:
  ExternalSettings settings_;
};

}  // namespace

std::unique_ptr<Strategy> external_strategy(StartProgram start, const AnswerLimits& limits, const StrategyContext& context) {
  return std::make_unique<External>(std::move(start), limits, context);
}

std::unique_ptr<StrategyRecipe> make_external_recipe() {
  return std::make_unique<ExternalRecipe>();
}

}  // namespace tonne
