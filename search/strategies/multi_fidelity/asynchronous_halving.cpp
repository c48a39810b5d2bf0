#include "search/strategies/multi_fidelity/asynchronous_halving.h"

#include <array>

namespace tonne {
namespace {

std::vector<Bracket> first_brackets(const AsynchronousSettings& settings, const StrategyContext& context) {
  HyperbandSettings hyperband;
  hyperband.eta = settings.eta;
  hyperband.min_fidelity = settings.min_fidelity;
  std::vector<Bracket> brackets = hyperband.brackets(context);
  if (brackets.size() > static_cast<std::size_t>(settings.brackets))
    brackets.resize(static_cast<std::size_t>(settings.brackets));
  return brackets;
}

}  // namespace

void AsynchronousSettings::visit(SettingsVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kTypes = {"promotion", "stopping"};
  static constexpr std::array<std::string_view, 2> kDraws = {"by_size", "softmax"};
  visitor.choice("type", type, kTypes,
                 "promote the best paused trials of each rung, or let each trial continue or stop at once");
  visitor.number("eta", eta, Bounds::between(1.1, 1e6),
                 "reduction factor: 1 in eta is promoted, with eta times the training");
  visitor.optional_number("min_fidelity", min_fidelity, Bounds::above(0.0),
                          "minimum training of the lowest rung (grace period), in the problem's fidelity "
                          "unit; default: the problem's lowest fidelity");
  visitor.integer("brackets", brackets, Bounds::between(1, 100),
                  "concurrent brackets; bracket s starts s rungs higher");
  visitor.choice("bracket_draw", bracket_draw, kDraws,
                 "how a candidate's bracket is drawn: in proportion to Hyperband's bracket sizes, or to e^(number of "
                 "rungs) as in Ray Tune");
}

std::vector<std::vector<double>> AsynchronousSettings::ladders(const StrategyContext& context) const {
  std::vector<std::vector<double>> result;
  for (const Bracket& plan : first_brackets(*this, context)) {
    std::vector<double>& ladder = result.emplace_back();
    for (const Rung& rung : plan) ladder.push_back(rung.fidelity);
  }
  return result;
}

std::vector<double> AsynchronousSettings::shares(const StrategyContext& context) const {
  const std::vector<Bracket> plans = first_brackets(*this, context);
  const auto most_rungs = static_cast<double>(plans.front().size());
  std::vector<double> result;
  for (const Bracket& plan : plans) {
    const double weight = bracket_draw == BracketDraw::by_size
                              ? static_cast<double>(plan.front().size)
                              : std::exp(static_cast<double>(plan.size()) - most_rungs);
    result.push_back((result.empty() ? 0.0 : result.back()) + weight);
  }
  return result;
}

}  // namespace tonne
