#pragma once
// Successive halving by brackets: their geometry, and the book-keeping of synchronous ones, for the
// strategies that differ only in how they draw configurations or promote them.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "core/strategy.h"
#include "search/strategies/trial_table.h"

namespace tonne {

/// The largest amount of training that the problem has up to `amount`; the least it has where there is none.
[[nodiscard]] double attainable(const FidelityTraits& fidelity, double amount);

/// The fidelities r_k = R eta^(k - s_max), k = 0..s_max, at amounts that the problem has (rounded down), for
/// s_max = floor(log_eta(R / r)): r the least and R the greatest training. Not merged: several may be equal.
[[nodiscard]] std::vector<double> rung_fidelities(const FidelityTraits& fidelity, double least,
                                                  double greatest, double eta);

/// Why a least training that the user gave is not possible with this problem; nullopt when it is, or none was
/// given.
[[nodiscard]] std::optional<std::string> refuses_least(const std::optional<double>& least,
                                                       const StrategyContext& context);

/// Why an interval between steps that the user gave is not possible with this problem; nullopt when it is, or
/// none was given.
[[nodiscard]] std::optional<std::string> refuses_interval(const std::optional<double>& interval,
                                                          const StrategyContext& context);

/// Fidelities of a training in steps, ascending: the `first` (none: one interval), then one `interval` after
/// another (none: a tenth of the full training) at amounts that the problem has, and the full training.
[[nodiscard]] std::vector<double> training_steps(const StrategyContext& context,
                                                 const std::optional<double>& interval,
                                                 const std::optional<double>& first);

/// `size` configurations are trained up to `fidelity`, of which the best go on to the next rung.
struct Rung {
  std::size_t size = 0;
  double fidelity = 0.0;
  bool operator==(const Rung&) const = default;
};
using Bracket = std::vector<Rung>;

/// One run of successive halving with n configurations over the given fidelities: rung i has max(1, floor(n
/// eta^-i)). Rungs of equal fidelity collapse into the first of them: to select there costs nothing, so that
/// the next rung with more training takes the best of all.
[[nodiscard]] Bracket halving(std::size_t n, double eta, const std::vector<double>& fidelities);

/// How many configurations bracket s of Hyperband starts with.
enum class BracketSizes : std::uint8_t {
  ceil,   ///< ceil((s_max + 1) / (s + 1) eta^s): Li et al. 2018, algorithm 1; SMAC, Optuna
  floor,  ///< floor((s_max + 1) / (s + 1)) eta^s: HpBandSter
};
/// What workers do that find all trials of a rung running.
enum class Barrier : std::uint8_t {
  next_bracket,  ///< begin the next bracket
  wait,          ///< wait for the rung's end
};

/// The settings of Hyperband. Defaults: Li et al. 2018, section 3.6 (eta 3) and HpBandSter, whose workers
/// begin the next bracket.
struct HyperbandSettings {
  double eta = 3.0;
  std::optional<double> min_fidelity;  ///< r, in the problem's unit; none: the least that the problem has
  BracketSizes sizes = BracketSizes::ceil;
  Barrier barrier = Barrier::next_bracket;
  std::int64_t rounds = 0;  ///< of all brackets; 0: until the budget is used up

  void visit(SettingsVisitor& visitor);
  /// The brackets s = s_max, .., 0, the most exploring first: Li et al. 2018, algorithm 1.
  [[nodiscard]] std::vector<Bracket> brackets(const StrategyContext& context) const;
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_least(min_fidelity, context);
  }
};
/// Declares a `barrier` setting.
void visit_barrier(SettingsVisitor& visitor, Barrier& barrier);

/// Runs synchronous brackets one after another: a rung is promoted once all of its trials have ended.
/// Promoted are the best, ties by the order of asking; a failed trial, or one without a number for a loss,
/// never is, and who fails leaves its place empty.
class SynchronousBrackets {
 public:
  /// `rounds` times (0: for ever) the brackets of `round`, none of which is empty.
  SynchronousBrackets(std::vector<Bracket> round, std::uint64_t rounds, Barrier barrier)
      : round_(std::move(round)), rounds_(rounds), barrier_(barrier) {}

  /// Proposes a new candidate; none: there is none now. A look at one (`screening`) is passed on and joins no rung.
  using Draw = std::function<std::optional<Proposal>()>;

  /// The next trial; `draw` is asked where it is a new candidate's. Nothing: wait, or all rounds have ended, or there are
  /// no candidates.
  std::optional<Proposal> ask(TrialId id, const Draw& draw);
  /// The first trial of the candidate that was trained; none: the trial was not awaited.
  std::optional<TrialId> tell(const Trial& trial);
  /// Whether trials of some bracket are awaited.
  [[nodiscard]] bool is_running() const { return !pending_.empty(); }
  /// No more candidates come: rungs that were not filled go on with what they have, each rung after them as much smaller.
  /// Precondition: !is_running().
  void close();

 private:
  struct Member {
    Configuration configuration;
    TrialId first = 0;  ///< trial of the candidate
    double loss = 0.0;
    std::optional<TrialId> checkpoint;  ///< of the rung before, or of this one once it has ended there
  };
  struct Running {
    std::uint64_t number = 0;  ///< of the bracket
    Bracket plan;
    std::size_t rung = 0;
    std::vector<Member> members;  ///< of this rung, in the order of asking
    std::size_t begun = 0;        ///< members that were asked for
    std::size_t ended = 0;
    std::vector<std::size_t> again;  ///< new members that were turned down, to be drawn again
    [[nodiscard]] std::size_t size() const { return rung == 0 ? plan.front().size : members.size(); }
  };
  struct Place {
    std::uint64_t bracket = 0;
    std::size_t member = 0;
  };

  void take_back(TrialId id);
  Running* with_work();
  bool open_bracket();
  std::optional<Proposal> begin_new(Running& bracket, TrialId id, const Draw& draw);
  std::optional<Proposal> begin_promoted(Running& bracket, TrialId id);
  void end_member(Running& bracket, std::size_t member, double loss, std::optional<TrialId> checkpoint);
  void promote(Running& bracket);
  [[nodiscard]] std::deque<Running>::iterator find(std::uint64_t number);

  std::vector<Bracket> round_;
  std::uint64_t rounds_;
  Barrier barrier_;
  std::deque<Running> open_;  // in the order of their numbers
  std::uint64_t opened_ = 0;
  TrialTable<Place> pending_;
};

}  // namespace tonne
