#include "search/strategies/multi_fidelity/brackets.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "core/number_text.h"

namespace tonne {
namespace {

constexpr double kFailed = std::numeric_limits<double>::infinity();

double power(double base, std::size_t exponent) {
  double result = 1.0;
  for (std::size_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

}  // namespace

double attainable(const FidelityTraits& fidelity, double amount) {
  if (!fidelity.levels.empty()) {
    const auto above = std::ranges::upper_bound(fidelity.levels, amount);
    return above == fidelity.levels.begin() ? fidelity.levels.front() : *(above - 1);
  }
  return std::clamp(fidelity.integral ? std::floor(amount) : amount, fidelity.lowest, fidelity.highest);
}

std::vector<double> rung_fidelities(const FidelityTraits& fidelity, double least, double greatest,
                                    double eta) {
  constexpr double kRounding = 1.0 - 1e-9;  // .9 / 3 / 3 is a little less than .1
  std::size_t s_max = 0;
  while (greatest / power(eta, s_max + 1) >= least * kRounding) ++s_max;
  std::vector<double> result;
  for (std::size_t k = 0; k <= s_max; ++k)
    result.push_back(attainable(fidelity, greatest / power(eta, s_max - k)));
  return result;
}

std::optional<std::string> refuses_least(const std::optional<double>& least, const StrategyContext& context) {
  if (!least) return std::nullopt;
  const FidelityTraits& fidelity = context.traits.fidelity;
  if (*least > context.fidelity)
    return "its min_fidelity of " + shortest_text(*least) + " " + fidelity.name +
           " exceeds the full training of " + shortest_text(context.fidelity);
  if (*least < fidelity.lowest)
    return "its min_fidelity of " + shortest_text(*least) + " " + fidelity.name +
           " is below the problem's minimum of " + shortest_text(fidelity.lowest);
  return std::nullopt;
}

std::optional<std::string> refuses_interval(const std::optional<double>& interval,
                                            const StrategyContext& context) {
  constexpr double kMostSteps = 1e4;
  if (!interval || *interval * kMostSteps >= context.fidelity) return std::nullopt;
  return "its interval of " + shortest_text(*interval) + " " + context.traits.fidelity.name +
         " splits the full training of " + shortest_text(context.fidelity) + " into more than 10000 steps";
}

std::vector<double> training_steps(const StrategyContext& context, const std::optional<double>& interval,
                                   const std::optional<double>& first) {
  const double step = interval.value_or(0.1 * context.fidelity);
  const double start = first.value_or(step);
  constexpr double kRounding = 1.0 + 1e-12;  // .1 * 30 is a little less than 3
  std::vector<double> result;
  for (double i = 0.0; start + i * step < context.fidelity; i += 1.0) {
    const double amount = attainable(context.traits.fidelity, (start + i * step) * kRounding);
    if (amount < context.fidelity && (result.empty() || amount > result.back())) result.push_back(amount);
  }
  result.push_back(context.fidelity);
  return result;
}

Bracket halving(std::size_t n, double eta, const std::vector<double>& fidelities) {
  constexpr double kRounding = 1e-9;
  Bracket result;
  for (std::size_t i = 0; i < fidelities.size(); ++i) {
    if (!result.empty() && fidelities[i] == result.back().fidelity) continue;
    const double size = std::floor(static_cast<double>(n) / power(eta, i) + kRounding);
    result.push_back({std::max<std::size_t>(1, static_cast<std::size_t>(size)), fidelities[i]});
  }
  return result;
}

void visit_barrier(SettingsVisitor& visitor, Barrier& barrier) {
  static constexpr std::array<std::string_view, 2> kNames = {"next_bracket", "wait"};
  visitor.choice(
      "barrier", barrier, kNames,
      "what a free worker does while the rest of a rung is running: start the next bracket, or wait");
}

void HyperbandSettings::visit(SettingsVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kNames = {"ceil", "floor"};
  visitor.number("eta", eta, Bounds::between(1.1, 1e6),
                 "reduction factor: 1 in eta is promoted, with eta times the training");
  visitor.optional_number("min_fidelity", min_fidelity, Bounds::above(0.0),
                          "minimum training of the lowest rung, in the problem's fidelity unit; default: the "
                          "problem's lowest fidelity");
  visitor.choice("sizes", sizes, kNames,
                 "rounding of bracket sizes: ceil as in the paper, floor as in HpBandSter");
  visit_barrier(visitor, barrier);
  visitor.integer("rounds", rounds, Bounds::between(0, 1e9),
                  "number of full rounds of brackets; 0: until the budget runs out");
}

std::vector<Bracket> HyperbandSettings::brackets(const StrategyContext& context) const {
  const FidelityTraits& fidelity = context.traits.fidelity;
  const auto r = rung_fidelities(fidelity, min_fidelity.value_or(fidelity.lowest), context.fidelity, eta);
  constexpr double kRounding = 1e-9;
  std::vector<Bracket> result;
  for (std::size_t s = r.size(); s-- > 0;) {
    const double share = static_cast<double>(r.size()) / static_cast<double>(s + 1);
    const double n = sizes == BracketSizes::ceil ? std::ceil(share * power(eta, s) - kRounding)
                                                 : std::floor(std::floor(share) * power(eta, s) + kRounding);
    const std::vector<double> fidelities(r.end() - 1 - static_cast<std::ptrdiff_t>(s), r.end());
    result.push_back(halving(static_cast<std::size_t>(n), eta, fidelities));
  }
  return result;
}

std::optional<Proposal> SynchronousBrackets::ask(TrialId id, const Draw& draw) {
  take_back(id);
  Running* bracket = with_work();
  if (bracket == nullptr) return std::nullopt;
  if (bracket->rung > 0) return begin_promoted(*bracket, id);
  if (auto proposal = begin_new(*bracket, id, draw)) return proposal;
  if (bracket->members.empty()) {  // a bracket that could not begin
    open_.pop_back();
    --opened_;
  }
  for (Running& other : open_)
    if (other.rung > 0 && other.begun < other.size()) return begin_promoted(other, id);
  return std::nullopt;
}

std::optional<Proposal> SynchronousBrackets::begin_new(Running& bracket, TrialId id, const Draw& draw) {
  auto proposal = draw();
  if (!proposal || proposal->screening) return proposal;
  std::size_t place = bracket.begun;
  if (bracket.again.empty()) {
    ++bracket.begun;
    bracket.members.push_back({proposal->configuration, id, kFailed, std::nullopt});
  } else {
    place = bracket.again.back();
    bracket.again.pop_back();
    bracket.members[place] = {proposal->configuration, id, kFailed, std::nullopt};
  }
  pending_.put(id, Place{bracket.number, place});
  proposal->fidelity = bracket.plan.front().fidelity;
  return proposal;
}

std::optional<Proposal> SynchronousBrackets::begin_promoted(Running& bracket, TrialId id) {
  const std::size_t place = bracket.begun++;
  pending_.put(id, Place{bracket.number, place});
  const Member& member = bracket.members[place];
  return Proposal{.configuration = member.configuration,
                  .fidelity = bracket.plan[bracket.rung].fidelity,
                  .resumes = member.checkpoint};
}

// A proposal that is asked for again was turned down: no tell will come of it. A new configuration is drawn
// again, a promoted one is given up.
void SynchronousBrackets::take_back(TrialId id) {
  const std::optional<Place> place = pending_.take(id);
  if (!place) return;
  Running& bracket = *find(place->bracket);
  if (bracket.rung == 0) {
    bracket.again.push_back(place->member);
    return;
  }
  end_member(bracket, place->member, kFailed, std::nullopt);
}

// The oldest bracket with a trial to begin, or a new one.
SynchronousBrackets::Running* SynchronousBrackets::with_work() {
  for (Running& bracket : open_)
    if (!bracket.again.empty() || bracket.begun < bracket.size()) return &bracket;
  if (!open_.empty() && barrier_ == Barrier::wait) return nullptr;
  return open_bracket() ? &open_.back() : nullptr;
}

bool SynchronousBrackets::open_bracket() {
  if (rounds_ > 0 && opened_ == rounds_ * round_.size()) return false;
  Running& bracket = open_.emplace_back();
  bracket.number = opened_;
  bracket.plan = round_[opened_ % round_.size()];
  ++opened_;
  return true;
}

std::optional<TrialId> SynchronousBrackets::tell(const Trial& trial) {
  const std::optional<Place> place = pending_.take(trial.id);
  if (!place) return std::nullopt;
  const auto* completed = std::get_if<Completed>(&trial.result);
  Running& bracket = *find(place->bracket);
  const TrialId first = bracket.members[place->member].first;
  if (completed == nullptr || std::isnan(trial.loss())) {
    end_member(bracket, place->member, kFailed, std::nullopt);
  } else {
    // A cached answer was not trained: there is no checkpoint.
    end_member(bracket, place->member, trial.loss(),
               completed->cached ? std::nullopt : std::optional(trial.id));
  }
  return first;
}

void SynchronousBrackets::end_member(Running& bracket, std::size_t member, double loss,
                                     std::optional<TrialId> checkpoint) {
  bracket.members[member].loss = loss;
  bracket.members[member].checkpoint = checkpoint;
  if (++bracket.ended < bracket.size()) return;
  promote(bracket);
  if (bracket.members.empty()) open_.erase(find(bracket.number));
}

void SynchronousBrackets::close() {
  assert(pending_.empty());
  for (std::size_t i = open_.size(); i-- > 0;) {
    Running& bracket = open_[i];
    if (bracket.rung > 0) continue;
    // Who was turned down and not replaced has no loss, and goes nowhere.
    const std::size_t planned = bracket.plan.front().size;
    const std::size_t had = bracket.members.size() - bracket.again.size();
    for (Rung& rung : bracket.plan) rung.size = std::max<std::size_t>(1, rung.size * had / planned);
    bracket.again.clear();
    promote(bracket);
    if (bracket.members.empty()) open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// The best of the rung become the members of the next; none after the last rung.
void SynchronousBrackets::promote(Running& bracket) {
  const std::size_t next = bracket.rung + 1;
  const std::size_t most = next < bracket.plan.size() ? bracket.plan[next].size : 0;
  std::vector<std::pair<double, std::size_t>> order;  // loss and member: ties by the order of asking
  for (std::size_t i = 0; i < bracket.members.size(); ++i)
    if (bracket.members[i].loss != kFailed) order.emplace_back(bracket.members[i].loss, i);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
  if (end != order.end()) std::ranges::nth_element(order, end);
  std::sort(order.begin(), end);
  std::vector<Member> promoted;
  promoted.reserve(static_cast<std::size_t>(end - order.begin()));
  for (auto best = order.begin(); best != end; ++best) promoted.push_back(std::move(bracket.members[best->second]));
  bracket.members = std::move(promoted);
  bracket.rung = next;
  bracket.begun = 0;
  bracket.ended = 0;
}

std::deque<SynchronousBrackets::Running>::iterator SynchronousBrackets::find(std::uint64_t number) {
  const auto found = std::ranges::find(open_, number, &Running::number);
  assert(found != open_.end());
  return found;
}

}  // namespace tonne
