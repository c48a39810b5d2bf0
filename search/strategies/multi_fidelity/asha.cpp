// ASHA, asynchronous successive halving: Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and
// Talwalkar 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys. The symbols are those of
// algorithm 2.
//
// Rung k of bracket s holds what was trained for r eta^(s + k). `type: promotion` is algorithm 2: a free
// worker scans the rungs from the top down for a paused trial among the best 1 / eta of its rung, and
// promotes it; where there is none, it grows the bottom rung. `type: stopping` never pauses: who ends a rung
// goes on at once if it stands among the best 1 / eta of those there so far, itself included (rank / len <= 1
// / eta), and is stopped for good otherwise. With fewer than eta entries in a rung nobody goes on, in both
// (Ray Tune and Syne Tune let the first go on).
//
// Where the paper is silent, or this differs:
// - The top rung is the full training R, and the others are R / eta^k, rounded down to what the problem has.
// (The
//   paper's grow from r and end below R where R / r is no power of eta.)
// - Of the trials that could be promoted from a rung the best goes first.
// - With several brackets (asynchronous Hyperband), a new configuration draws its bracket in proportion to
// the sizes of
//   Hyperband's brackets, as Syne Tune does (from memory, not checked); the paper loops through them.
// - Failed trials count in their rung as its worst.

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {
namespace {

enum class AshaType : std::uint8_t { promotion, stopping };

/// Defaults: Li et al. 2020 (eta and the grace of strategies in practice: Ray Tune, Syne Tune).
struct AshaSettings {
  AshaType type = AshaType::promotion;
  double eta = 3.0;
  std::optional<double> min_fidelity;  ///< r, the grace period; none: the least that the problem has
  std::int64_t brackets = 1;           ///< s = 0 .. brackets - 1; no more than there are rungs

  void visit(SettingsVisitor& visitor) {
    static constexpr std::array<std::string_view, 2> kNames = {"promotion", "stopping"};
    visitor.choice("type", type, kNames,
                   "promote the best paused trials of each rung, or let each trial continue or stop at once");
    visitor.number("eta", eta, Bounds::between(1.1, 1e6),
                   "reduction factor: 1 in eta is promoted, with eta times the training");
    visitor.optional_number("min_fidelity", min_fidelity, Bounds::above(0.0),
                            "minimum training of the lowest rung (grace period), in the problem's fidelity "
                            "unit; default: the problem's lowest fidelity");
    visitor.integer("brackets", brackets, Bounds::between(1, 100),
                    "concurrent brackets; bracket s starts s rungs higher");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_least(min_fidelity, context);
  }
};

class Asha final : public Strategy {
 public:
  Asha(const AshaSettings& settings, const StrategyContext& context)
      : settings_(settings), space_(context.space) {
    HyperbandSettings hyperband;
    hyperband.eta = settings.eta;
    hyperband.min_fidelity = settings.min_fidelity;
    for (const Bracket& plan : hyperband.brackets(context)) {
      if (brackets_.size() == static_cast<std::size_t>(settings.brackets)) break;
      std::vector<RungState>& rungs = brackets_.emplace_back();
      for (const Rung& rung : plan) rungs.push_back({rung.fidelity});
      const double before = shares_.empty() ? 0.0 : shares_.back();
      shares_.push_back(before + static_cast<double>(plan.front().size));
    }
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.erase(id);  // asked again: what was proposed was turned down, and is given up
    if (auto proposal = promote(id)) return proposal;
    const std::size_t bracket = draw_bracket(random);
    pending_.emplace(id, Place{bracket, 0});
    return Proposal{.configuration = space_.sample(random), .fidelity = brackets_[bracket].front().fidelity};
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    const Place place = found->second;
    pending_.erase(found);
    Entry entry;
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed != nullptr && !std::isnan(trial.loss())) {
      entry.loss = trial.loss();
      entry.configuration = trial.proposal.configuration;
      // A cached answer was not trained: there is no checkpoint.
      if (!completed->cached) entry.checkpoint = trial.id;
    }
    brackets_[place.bracket][place.rung].enter(std::move(entry), settings_);
  }

  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  static constexpr double kFailed = std::numeric_limits<double>::infinity();
  struct Entry {
    Configuration configuration;
    double loss = kFailed;
    std::optional<TrialId> checkpoint = std::nullopt;
    bool promoted = false;
  };
  struct Place {
    std::size_t bracket = 0;
    std::size_t rung = 0;
  };

  // What has ended a rung, parted into the best 1 / eta and the others.
  struct RungState {
    using Key = std::pair<double, std::size_t>;  // loss and index: ties by age

    double fidelity = 0.0;
    std::vector<Entry> entries = {};
    std::set<Key> top = {};
    std::set<Key> rest = {};
    std::set<Key> promotable = {};

    void enter(Entry entry, const AshaSettings& settings) {
      const Key key{entry.loss, entries.size()};
      entries.push_back(std::move(entry));
      const bool pauses = settings.type == AshaType::promotion;
      const auto rise = [&](const Key& risen) {
        top.insert(risen);
        if (pauses && risen.first != kFailed && !entries[risen.second].promoted) promotable.insert(risen);
      };
      if (!top.empty() && key < *top.rbegin()) {
        rise(key);
      } else {
        rest.insert(key);
      }
      constexpr double kRounding = 1e-9;
      const auto count = static_cast<double>(entries.size());
      const auto quota = static_cast<std::size_t>(std::floor(count / settings.eta + kRounding));
      if (top.size() > quota) {
        const Key sunk = *top.rbegin();
        top.erase(sunk);
        rest.insert(sunk);
        if (pauses) promotable.erase(sunk);
      } else if (top.size() < quota) {
        rise(rest.extract(rest.begin()).value());
      }
      if (!pauses && key.first != kFailed && top.contains(key)) promotable.insert(key);
    }
  };

  // Algorithm 2, get_job: the highest rung first.
  std::optional<Proposal> promote(TrialId id) {
    for (std::size_t height = 1; height < brackets_.front().size(); ++height) {
      for (std::size_t b = 0; b < brackets_.size(); ++b) {
        if (brackets_[b].size() <= height) continue;
        const std::size_t k = brackets_[b].size() - 1 - height;
        RungState& rung = brackets_[b][k];
        if (rung.promotable.empty()) continue;
        Entry& best = rung.entries[rung.promotable.begin()->second];
        rung.promotable.erase(rung.promotable.begin());
        best.promoted = true;
        pending_.emplace(id, Place{b, k + 1});
        return Proposal{.configuration = best.configuration,
                        .fidelity = brackets_[b][k + 1].fidelity,
                        .resumes = best.checkpoint};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t draw_bracket(Random& random) const {
    if (brackets_.size() == 1) return 0;
    const double drawn = random.uniform() * shares_.back();
    std::size_t bracket = 0;
    while (bracket + 1 < shares_.size() && drawn >= shares_[bracket]) ++bracket;
    return bracket;
  }

  AshaSettings settings_;
  const SearchSpace& space_;
  std::vector<std::vector<RungState>> brackets_;
  std::vector<double> shares_;  // sizes of Hyperband's brackets, summed up
  std::map<TrialId, Place> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_asha_recipe() {
  return std::make_unique<BasicStrategyRecipe<AshaSettings, Asha>>();
}

}  // namespace tonne
