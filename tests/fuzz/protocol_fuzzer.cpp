// Whatever an external program answers, its lines are proposals within the space, or an InputError. Each line of the input is an
// answer; trials complete and fail in turn.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "core/error.h"
#include "search/strategies/external/external.h"

namespace {

using namespace tonne;

class Reciter final : public LineProgram {
 public:
  explicit Reciter(std::string lines) : lines_(std::move(lines)) {}
  std::string exchange(std::string_view, std::chrono::milliseconds) override {
    if (at_ >= lines_.size()) throw InputError(place() + ": the program has exited");
    const std::size_t end = std::min(lines_.find('\n', at_), lines_.size());
    std::string line = lines_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }
  [[nodiscard]] std::string place() const override { return "the program"; }

 private:
  std::string lines_;
  std::size_t at_ = 0;
};

SearchSpace space() {
  return SearchSpace({{.name = "x", .domain = Real{1e-3, 1.0, Scale::log}},
                      {.name = "n", .domain = Integer{1, 12}},
                      {.name = "kind", .domain = Categorical{{"a", "b"}}},
                      {.name = "size", .domain = Ordinal{{"s", "m", "l"}}, .active_when = Condition{2, {1}}}});
}

ProblemTraits traits() {
  ProblemTraits result;
  result.name = "fuzz";
  result.objectives = {{"error", "%", Direction::minimise}};
  result.fidelity = {"epochs", 1.0, 9.0, true};
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SearchSpace kSpace = space();
  static const ProblemTraits kTraits = traits();
  std::string text(reinterpret_cast<const char*>(data), size);
  const auto strategy = external_strategy(
      [&](const auto&) { return std::make_unique<Reciter>("{\"tonne\": 1}\n" + text); }, {second, second},
      {kSpace, kTraits, 9.0, 4});
  try {
    for (TrialId id = 0; id < 20; ++id) {
      const auto proposal = strategy->ask(id, Random(id));
      if (!proposal) continue;
      if (!kSpace.contains(proposal->configuration) || proposal->fidelity < 1.0 || proposal->fidelity > 9.0) std::abort();
      Trial trial;
      trial.id = id;
      trial.proposal = *proposal;
      if (id % 3 == 2) {
        trial.result = Failed{};
      } else {
        trial.result = Completed{{0.5}, id % 4 == 3};
      }
      strategy->tell(trial);
    }
  } catch (const InputError&) {
  }
  return 0;
}
