#pragma once
// A population that trains in steps, whose worst members copy the best ones: what population based strategies
// share (Jaderberg et al. 2017, algorithm 1, train and exploit). They differ in how they explore.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/settings.h"
#include "core/strategy.h"

namespace tonne {

struct PopulationSettings {
  std::int64_t size = 10;
  double quantile = 0.25;  ///< share that copies, and share that is copied
  std::optional<double> interval =
      std::nullopt;          ///< training between two times of being ready; none: a tenth of the whole
  bool synchronous = false;  ///< nobody goes on before all have trained as much
  bool restart = true;       ///< a new population once all members have trained in full

  /// Declares `population` and `quantile`.
  void visit_selection(SettingsVisitor& visitor);
  /// Declares `interval`, `synchronous` and `restart`.
  void visit_schedule(SettingsVisitor& visitor);
};

/// Members are compared, and copied, at the same amount of training; who reaches it first finds few to
/// compare with, unless `synchronous`. A free worker takes the member that has trained least. A member that
/// fails to train on takes over from one of the highest quantile (from itself where it is alone) and
/// explores; one that fails at its start is drawn anew.
class Population {
 public:
  /// A member when it was ready: h, its loss, its weights.
  struct State {
    Configuration configuration;
    double loss = 0.0;
    std::optional<TrialId> checkpoint;  ///< none: cached, and so without weights
  };
  /// What a member that has copied `source` goes on with; `trained` steps are behind it, one at least.
  using Explore = std::function<Configuration(const State& source, std::size_t trained, Random& random)>;
  /// The step that a trial trains: from the state of `source` after `trained` steps (absent: from scratch) to
  /// `loss`.
  struct Step {
    std::optional<State> source = std::nullopt;
    std::size_t trained = 0;  ///< steps before it
    Configuration configuration = {};
    std::optional<double> loss = std::nullopt;  ///< absent: failed, or running
  };

  Population(const PopulationSettings& settings, const StrategyContext& context);

  /// The next step of a member; nothing: wait, or all have trained in full.
  std::optional<Proposal> ask(TrialId id, Random& random, const Explore& explore);
  /// The step that has ended; nothing for what was not awaited.
  std::optional<Step> tell(const Trial& trial);
  /// Steps that are being trained, by trial.
  [[nodiscard]] const std::map<TrialId, Step>& running() const { return running_; }
  /// Steps of a whole training.
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }

 private:
  struct Member {
    std::vector<State> states = {};  ///< after each step that it has trained
    bool running = false;
    bool failed = false;  ///< when it last tried to train on
  };
  // A member's place in the ranking of those that have trained as much.
  struct Ranked {
    bool failed = false;
    double loss = 0.0;
    std::size_t member = 0;
    auto operator<=>(const Ranked&) const = default;
  };

  [[nodiscard]] bool has_finished(const Member& member) const {
    return member.states.size() == steps_.size();
  }
  void take_back(TrialId id);
  [[nodiscard]] std::optional<std::size_t> next_member() const;
  [[nodiscard]] Proposal train(std::size_t m, Random& random, const Explore& explore, Step& step) const;
  [[nodiscard]] std::size_t exploit(std::size_t m, Random& random) const;

  PopulationSettings settings_;
  const SearchSpace& space_;
  std::vector<double> steps_;  // fidelities after which members are ready
  std::vector<Member> members_;
  std::map<TrialId, std::size_t> pending_;
  std::map<TrialId, Step> running_;
};

}  // namespace tonne
