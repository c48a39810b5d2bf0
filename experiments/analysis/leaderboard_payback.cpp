#include "experiments/analysis/leaderboard_payback.h"

#include <fmt/format.h>

#include "experiments/text/text_table.h"

namespace tonne {
namespace {

const Uses* side_of(const Payback& payback, PaybackSide side) {
  if (side == PaybackSide::winner) return &payback.winner;
  return payback.cheapest ? &*payback.cheapest : nullptr;
}

// Whether every figure that the planned uses need is there.
bool known(const Uses& uses, const Uses& standard, const DeploymentSettings& deployment) {
  const bool trainings = deployment.trainings == 0.0 || (uses.training && standard.training);
  const bool inferences = deployment.inferences == 0.0 || (uses.inference && standard.inference);
  return trainings && inferences;
}

void add(std::optional<Usage>& sum, const std::optional<Usage>& usage) {
  if (!usage) return;
  if (!sum) sum.emplace();
  *sum += *usage;
}

void divide(std::optional<Usage>& sum, double n) {
  if (sum) *sum *= 1.0 / n;
}

std::string counted(double count, const char* one, const char* many) {
  return count_text(count) + " " + (count == 1.0 ? one : many);
}

}  // namespace

std::optional<PaybackBalance> payback_balance(const std::vector<const CellRecord*>& cells,
                                              const DeploymentSettings& deployment, PaybackSide side) {
  if (!deployment.given()) return std::nullopt;
  PaybackBalance balance;
  for (const CellRecord* cell : cells) {
    const bool found = cell->winner_true_value.has_value();
    if (!found || (cell->payback && side_of(*cell->payback, side) == nullptr)) {
      ++balance.keep_default;
      balance.search += cell->search.carbon();
      continue;
    }
    if (!cell->payback) continue;
    const Payback& payback = *cell->payback;
    const Uses* uses = side_of(payback, side);
    if (!known(*uses, payback.standard, deployment)) continue;
    ++balance.seeds;
    balance.search += cell->search.carbon();
    balance.trained_to += uses->trained_to;
    if (deployment.trainings > 0.0) {
      add(balance.winner_training, uses->training);
      add(balance.standard_training, payback.standard.training);
    }
    if (deployment.inferences > 0.0) {
      add(balance.winner_inference, uses->inference);
      add(balance.standard_inference, payback.standard.inference);
    }
  }
  if (balance.seeds == 0) return std::nullopt;
  const auto n = static_cast<double>(balance.seeds), all = static_cast<double>(balance.seeds + balance.keep_default);
  balance.search *= 1.0 / all;
  balance.trained_to /= n;
  for (auto* sum : {&balance.winner_training, &balance.standard_training, &balance.winner_inference,
                    &balance.standard_inference})
    divide(*sum, n);
  if (balance.winner_training)
    balance.saved +=
        deployment.trainings * (balance.standard_training->carbon() - balance.winner_training->carbon());
  if (balance.winner_inference)
    balance.saved +=
        deployment.inferences * (balance.standard_inference->carbon() - balance.winner_inference->carbon());
  balance.saved *= n / all;
  if (balance.saved > Carbon{}) balance.break_even = balance.search / balance.saved;
  return balance;
}

std::string break_even_text(const PaybackBalance& balance, const DeploymentSettings& deployment) {
  if (!balance.break_even) return "never";
  std::string text;
  if (deployment.trainings > 0.0)
    text = counted(*balance.break_even * deployment.trainings, "training", "trainings");
  if (deployment.inferences > 0.0)
    text += (text.empty() ? "" : " + ") + counted(*balance.break_even * deployment.inferences, "use", "uses");
  return text;
}

}  // namespace tonne
