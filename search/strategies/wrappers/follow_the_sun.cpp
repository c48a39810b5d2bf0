// Scheduling over places around any strategy: each trial runs at the site whose electricity is cleanest while
// it runs. Zheng, Chien & Suh 2020, "Mitigating Curtailment and Carbon Emissions through Load Migration
// between Data Centers" (Joule 4: load moves to where power would be curtailed), and Radovanovic et al. 2022,
// "Carbon-Aware Computing for Datacenters" (IEEE Transactions on Power Systems: Google shifts flexible load
// by day-ahead forecasts); both from memory, not checked.
//
// A trial of expected length L and energy E (of the machines) that is asked for at `now` would emit
//     C_0 = E * I_0(now, L)                               at home,
//     C_s = E * I_s(now + delay, L) + T_s(now + delay)    at site s,
// where I_s(t, L) is the site's mean intensity over [t, t + L] with what its facility adds, and T_s the
// carbon of moving the trial's data there and its results back. It goes to the site of the least C_s where
// that is less than (1 - saving) C_0, the first of equals; else it stays. Sites without a free worker, or
// whose trace ends before the trial would, are left out.
//
// L is the longest, E the mean of the completed trials told so far at the same fidelity; `first_length` and
// `first_energy` before the first. The grids' future is taken as known, as in wait_for_clean: a forecast
// would do worse. Each trial runs in one piece. It is moved in space only: around or within wait_for_clean it
// is moved in time too.
//
// Now is the end of the trial that was told last.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/sites.h"
#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

struct FollowTheSunSettings {
  double saving = 0.05;  ///< assumed, as in wait_for_clean
  Duration first_length = 1.0 * hour;
  Energy first_energy = 0.3 * kilowatt_hour;  ///< an hour of a V100 and its share of a server, about 300 W

  void visit(SettingsVisitor& visitor) {
    visitor.number("saving", saving, Bounds::between(0, 1),
                   "minimum saving, as a fraction of the carbon at home, to run elsewhere");
    visitor.quantity("first_length", first_length, Bounds::above(0.0),
                     "expected trial duration until one has ended");
    visitor.quantity("first_energy", first_energy, Bounds::above(0.0),
                     "expected trial energy until one has ended");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (!context.cost || context.cost->sites()) return std::nullopt;
    return "the cluster has only one site; list others in cluster.sites";
  }
};

class FollowTheSun final : public Wrapper {
 public:
  FollowTheSun(const FollowTheSunSettings& settings, std::unique_ptr<Strategy> inner,
               const StrategyContext& context)
      : Wrapper(std::move(inner)),
        settings_(settings),
        home_(context.cost),
        sites_(home_ ? home_->sites() : nullptr) {
    if (sites_) running_at_.resize(sites_->count());
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    leave(id);
    auto proposal = inner().ask(id, random);
    if (!proposal || !sites_) return proposal;
    const std::size_t site = cleanest(*proposal);
    proposal->site = static_cast<std::uint32_t>(site);
    site_of_[id] = site;
    ++running_at_[site];
    return proposal;
  }

  void tell(const Trial& trial) override {
    now_ = std::max(now_, trial.end);
    if (leave(trial.id) && trial.completed() && trial.charge.time > Duration{}) learn(trial);
    Wrapper::tell(trial);
  }

 private:
  struct Expected {
    Duration length{};  // L
    Energy energy{};    // E
  };
  struct Told {
    Duration longest{};
    Energy sum{};
    double count = 0.0;
  };

  // Whether the trial was running.
  bool leave(TrialId id) {
    const auto at = site_of_.find(id);
    if (at == site_of_.end()) return false;
    --running_at_[at->second];
    site_of_.erase(at);
    return true;
  }

  void learn(const Trial& trial) {
    Told& told = told_[trial.proposal.fidelity];
    told.longest = std::max(told.longest, trial.end - trial.start);
    for (const Line line : {Line::device_dynamic, Line::device_idle, Line::host})
      told.sum += trial.charge[line].energy;
    told.count += 1.0;
  }

  [[nodiscard]] Expected expected(const Proposal& proposal) const {
    const auto known = told_.find(proposal.fidelity);
    if (known == told_.end()) return {settings_.first_length, settings_.first_energy};
    return {known->second.longest, known->second.sum / known->second.count};
  }

  // Whether the site's electricity is known until then.
  [[nodiscard]] bool knows(std::size_t site, Duration end) const {
    const auto horizon = cost_at(*home_, site).horizon();
    return !horizon || end <= *horizon;
  }

  [[nodiscard]] std::size_t cleanest(const Proposal& proposal) const {
    const auto [length, energy] = expected(proposal);
    const Duration now = std::max(now_, proposal.not_before);
    const Duration there = std::max(now_ + sites_->delay(), proposal.not_before);
    // Beyond home's trace there is nothing to compare with; the simulator says what it lacks.
    if (!knows(0, now + length) || !knows(0, there)) return 0;
    Carbon least = (1.0 - settings_.saving) * energy * sites_->intensity(0, now, length);
    std::size_t best = 0;
    for (std::size_t site = 1; site < sites_->count(); ++site) {
      if (is_full(site) || !knows(site, there + length)) continue;
      const Carbon carbon =
          energy * sites_->intensity(site, there, length) + sites_->transfer(site, there).total().carbon();
      if (!(carbon < least)) continue;
      least = carbon;
      best = site;
    }
    return best;
  }

  [[nodiscard]] bool is_full(std::size_t site) const {
    const auto most = sites_->workers(site);
    return most && running_at_[site] >= *most;
  }

  FollowTheSunSettings settings_;
  const CostModel* home_;
  const Sites* sites_;  // null: only home
  Duration now_{};
  std::map<TrialId, std::size_t> site_of_;  // of the running trials
  std::vector<std::size_t> running_at_;     // by site
  std::map<double, Told> told_;             // by fidelity
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_follow_the_sun_recipe() {
  return std::make_unique<WrapperRecipe<FollowTheSunSettings, FollowTheSun>>();
}

}  // namespace tonne
