// DEHB: Awad, Mallik and Hutter 2021, "DEHB: Evolutionary Hyperband for Scalable, Robust and Efficient
// Hyperparameter Optimization", IJCAI. The symbols are the paper's.
//
// Hyperband's brackets decide how many configurations train how long; differential evolution makes them. Each
// fidelity has a subpopulation, as large as the largest rung that any bracket has there. In the first round
// of brackets a rung above the lowest takes the best of the rung below, as in Hyperband, which fills the
// subpopulations. From then on (section 4.1) each place of a rung takes the next target x_i of its fidelity's
// subpopulation and makes a trial vector,
//     v = x_r1 + F (x_r2 - x_r3),   u_j = v_j where U(0, 1) < CR or j = j_rand, else x_ij,
// whose parents r1, r2, r3 come from the subpopulation itself in a bracket's lowest rung, and in those above
// from the parent pool: the best of the fidelity below, as many as Hyperband would promote. u takes the
// target's place at once if it is not worse (section 4.2, asynchronous: no generation is waited for).
//
// Where the paper is silent:
// - A coordinate that leaves the unit cube is drawn anew (as in the authors' program).
// - A parent pool of fewer than three is filled up to four with random members of all subpopulations together. The
//   authors' program adds as many mutants of such members instead.
// - A place whose target has never been evaluated takes a random configuration (the authors' program mutates and
//   crosses over the random individuals that the subpopulation began with).
// - Rungs have Li et al.'s sizes, which round up; the authors' program rounds down (`sizes: floor`).
// - Integers, ordinals and categoricals take the value whose cell holds the coordinate; those of inactive
// parameters evolve
//   along (section 4, "Handling mixed data types").
// This program's: promoted configurations go on from their checkpoints; new ones train from scratch, whatever
// the rung. Workers that find a rung's last trials running begin the next bracket. Failed trial vectors lose.

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kParents = 3;

/// Defaults: Awad et al. 2021, section 5 and appendix C.
struct DehbSettings {
  HyperbandSettings hyperband;
  double f = 0.5;   ///< F
  double cr = 0.5;  ///< CR

  void visit(SettingsVisitor& visitor) {
    hyperband.visit(visitor);
    visitor.number("f", f, {0.0, 2.0, true}, "scale factor of the difference vectors (F)");
    visitor.number("cr", cr, Bounds::between(0, 1),
                   "crossover rate: probability that a coordinate comes from the mutant (CR)");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return hyperband.refuses(context);
  }
};

class Dehb final : public Strategy {
 public:
  Dehb(const DehbSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        round_(settings.hyperband.brackets(context)),
        rounds_(static_cast<std::uint64_t>(settings.hyperband.rounds)) {
    for (const Bracket& bracket : round_)
      for (const Rung& rung : bracket) {
        std::size_t& size = populations_[rung.fidelity].size;
        size = std::max(size, rung.size);
      }
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    Running* bracket = with_work();
    if (bracket == nullptr) return std::nullopt;
    const Rung& rung = rung_of(*bracket);
    Population& population = populations_.at(rung.fidelity);
    Place place{bracket->number, rung.fidelity, population.next++ % population.size, {}, false};
    if (population.members.size() <= place.target) population.members.resize(place.target + 1);
    ++bracket->begun;
    std::optional<TrialId> checkpoint;
    if (bracket->promoted < bracket->candidates.size()) {
      const Evaluated& candidate = bracket->candidates[bracket->promoted++];
      place.u = candidate.x;
      place.is_promoted = true;
      checkpoint = candidate.checkpoint;
    } else {
      place.u = vector_for(*bracket, population, place.target, random);
    }
    Proposal proposal{
        .configuration = configuration_at(space_, place.u), .fidelity = rung.fidelity, .resumes = checkpoint};
    pending_.insert_or_assign(id, std::move(place));
    return proposal;
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    Place place = std::move(found->second);
    pending_.erase(found);
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed == nullptr || std::isnan(trial.loss())) return end(place, std::nullopt);
    Member& target = populations_.at(place.fidelity).members[place.target];
    if (!(trial.loss() > target.loss)) target = {place.u, trial.loss()};
    // A cached answer was not trained: there is no checkpoint.
    end(place, Evaluated{place.u, trial.loss(), completed->cached ? std::nullopt : std::optional(trial.id)});
  }

  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  struct Member {
    std::vector<double> x;  // empty until one has completed
    double loss = kNever;
  };
  struct Population {
    std::size_t size = 0;
    std::vector<Member> members;  // as far as they have been targets: brackets may be larger than any search
    std::size_t next = 0;         // targets taken so far
  };
  struct Evaluated {
    std::vector<double> x;
    double loss = 0.0;
    std::optional<TrialId> checkpoint;
  };
  struct Running {
    std::uint64_t number = 0;
    std::size_t rung = 0;
    std::size_t begun = 0;  // places of this rung
    std::size_t ended = 0;
    std::vector<Evaluated> results;     // of this rung
    std::vector<Evaluated> candidates;  // for this rung, the best first
    std::size_t promoted = 0;           // of these
  };
  struct Place {
    std::uint64_t bracket = 0;
    double fidelity = 0.0;   // of the subpopulation
    std::size_t target = 0;  // in the subpopulation
    std::vector<double> u;
    bool is_promoted = false;
  };

  [[nodiscard]] const Bracket& plan_of(const Running& bracket) const {
    return round_[bracket.number % round_.size()];
  }
  [[nodiscard]] const Rung& rung_of(const Running& bracket) const { return plan_of(bracket)[bracket.rung]; }

  // A proposal that is asked for again was turned down: a new vector is made again, a promoted one is given
  // up.
  void take_back(TrialId id) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    const Place place = std::move(found->second);
    pending_.erase(found);
    if (place.is_promoted) return end(place, std::nullopt);
    --find(place.bracket)->begun;
  }

  // The oldest bracket with a place to fill, or a new one.
  Running* with_work() {
    for (Running& bracket : open_)
      if (bracket.begun < rung_of(bracket).size) return &bracket;
    if (!open_.empty() && settings_.hyperband.barrier == Barrier::wait) return nullptr;
    if (rounds_ > 0 && opened_ == rounds_ * round_.size()) return nullptr;
    open_.emplace_back().number = opened_++;
    return &open_.back();
  }

  void end(const Place& place, std::optional<Evaluated> result) {
    const auto bracket = find(place.bracket);
    if (result) bracket->results.push_back(std::move(*result));
    if (++bracket->ended < rung_of(*bracket).size) return;
    if (bracket->rung + 1 == plan_of(*bracket).size()) {
      open_.erase(bracket);
      return;
    }
    ++bracket->rung;
    bracket->begun = 0;
    bracket->ended = 0;
    bracket->promoted = 0;
    bracket->candidates.clear();
    // Only the first round promotes.
    if (bracket->number < round_.size()) {
      bracket->candidates = std::exchange(bracket->results, {});
      keep_best(bracket->candidates, rung_of(*bracket).size);
    }
    bracket->results.clear();
  }

  // Ties by the order of ending.
  static void keep_best(std::vector<Evaluated>& results, std::size_t most) {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < results.size(); ++i) order.emplace_back(results[i].loss, i);
    std::ranges::sort(order);
    if (order.size() > most) order.resize(most);
    std::vector<Evaluated> best;
    for (const auto& [loss, i] : order) best.push_back(std::move(results[i]));
    results = std::move(best);
  }

  std::vector<double> random_vector(Random& random) const {
    std::vector<double> u(space_.size());
    for (double& coordinate : u) coordinate = random.uniform();
    return u;
  }

  std::vector<double> vector_for(const Running& bracket, const Population& population, std::size_t i,
                                 Random& random) const {
    const Member& target = population.members[i];
    if (target.x.empty()) return random_vector(random);
    std::vector<const Member*> pool = parent_pool(bracket, population, target);
    if (pool.size() < kParents) fill_up(pool, target, random);
    if (pool.size() < kParents) return random_vector(random);
    for (std::size_t k = 0; k < kParents; ++k) std::swap(pool[k], pool[k + random.below(pool.size() - k)]);
    const std::vector<double>& r1 = pool[0]->x;
    const std::vector<double>& r2 = pool[1]->x;
    const std::vector<double>& r3 = pool[2]->x;
    std::vector<double> u = target.x;
    const std::uint64_t certain = random.below(u.size());
    for (std::size_t j = 0; j < u.size(); ++j) {
      const bool crosses = random.bernoulli(settings_.cr);
      if (!crosses && j != certain) continue;
      u[j] = r1[j] + settings_.f * (r2[j] - r3[j]);
      if (!(u[j] >= 0.0 && u[j] <= 1.0)) u[j] = random.uniform();
    }
    return u;
  }

  // Section 4.1: in the lowest rung the subpopulation, above it the best of the fidelity below.
  [[nodiscard]] std::vector<const Member*> parent_pool(const Running& bracket, const Population& own,
                                                       const Member& target) const {
    const bool is_lowest = bracket.rung == 0;
    const Population& from = is_lowest ? own : populations_.at(plan_of(bracket)[bracket.rung - 1].fidelity);
    std::vector<const Member*> pool;
    for (const Member& member : from.members)
      if (!member.x.empty() && &member != &target) pool.push_back(&member);
    if (is_lowest) return pool;
    const Member* first = from.members.data();
    std::ranges::sort(pool, [first](const Member* a, const Member* b) {
      return a->loss != b->loss ? a->loss < b->loss : a - first < b - first;
    });
    pool.resize(std::min(pool.size(), rung_of(bracket).size));
    return pool;
  }

  void fill_up(std::vector<const Member*>& pool, const Member& target, Random& random) const {
    std::vector<const Member*> others;
    for (const auto& [fidelity, population] : populations_)
      for (const Member& member : population.members)
        if (!member.x.empty() && &member != &target && std::ranges::find(pool, &member) == pool.end())
          others.push_back(&member);
    while (pool.size() < kParents + 1 && !others.empty()) {
      std::swap(others.back(), others[random.below(others.size())]);
      pool.push_back(others.back());
      others.pop_back();
    }
  }

  [[nodiscard]] std::deque<Running>::iterator find(std::uint64_t number) {
    return std::ranges::find(open_, number, &Running::number);
  }

  DehbSettings settings_;
  const SearchSpace& space_;
  std::vector<Bracket> round_;
  std::uint64_t rounds_;                      // 0: for ever
  std::map<double, Population> populations_;  // by fidelity
  std::deque<Running> open_;                  // in the order of their numbers
  std::uint64_t opened_ = 0;
  std::map<TrialId, Place> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_dehb_recipe() {
  return std::make_unique<BasicStrategyRecipe<DehbSettings, Dehb>>();
}

}  // namespace tonne
