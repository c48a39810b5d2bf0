#pragma once
// A trial: one evaluation that a strategy proposed, with its time and its charge.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <variant>

#include "core/configuration.h"
#include "core/problem.h"
#include "core/units.h"

namespace tonne {

using TrialId = std::uint64_t;  ///< 0, 1, 2, ... in the order of asking, within one search

/// A look at a candidate instead of a training: with the weights of a supernet, or by a zero-cost proxy. Its loss is a
/// score, smaller is better:
///     correlation * z(true value) + sqrt(1 - correlation^2) * noise + cheap_bias * z(work),
/// where z() are normal scores over the space (the value's rank among random candidates, through the inverse normal
/// distribution) and the noise is a standard normal variate, the same whenever this search looks at the candidate. So
/// Kendall's tau with the true value is 2 / pi * asin(correlation), Spearman's rho 6 / pi * asin(correlation / 2).
struct Screening {
  double correlation = 0.0;  ///< of score and true value, in normal scores; -1 to 1
  double cheap_bias = 0.0;   ///< by how many standard scores a candidate gains that is one standard score cheaper
  double epochs = 0.0;       ///< its cost, in units of fidelity; below 1 for a minibatch or a validation pass
  bool operator==(const Screening&) const = default;
};

/// What a strategy wants evaluated.
struct Proposal {
  Configuration configuration;
  double fidelity = 1.0;                         ///< train up to this amount; 0 of a screening
  std::optional<TrialId> resumes = std::nullopt;  ///< go on from where this completed trial of the same configuration ended
  bool inherits = false;    ///< `resumes` may be of another configuration, whose weights are copied (PBT)
  Duration not_before{};    ///< the trial starts no earlier; its worker waits
  std::optional<Screening> screening = std::nullopt;  ///< instead of a training; never becomes the incumbent
  std::uint32_t site = 0;   ///< where it runs, a number of the cost model's sites (core/sites.h); 0: home
};

/// What something used, in every currency.
struct Usage {
  Energy energy{};
  Carbon operational{};
  Carbon embodied{};
  Money money{};
  Water water{};

  Usage& operator+=(const Usage& other) {
    energy += other.energy;
    operational += other.operational;
    embodied += other.embodied;
    money += other.money;
    water += other.water;
    return *this;
  }
  Usage& operator*=(double factor) {
    energy *= factor;
    operational *= factor;
    embodied *= factor;
    money *= factor;
    water *= factor;
    return *this;
  }
  [[nodiscard]] Carbon carbon() const { return operational + embodied; }
  bool operator==(const Usage&) const = default;
};

namespace detail {

/// Four doubles in one register. Charges are summed several times an evaluation, and compilers do not see that these
/// additions are independent.
using FourDoubles = double __attribute__((vector_size(4 * sizeof(double))));
[[nodiscard]] inline FourDoubles load_four(const void* from) {
  FourDoubles four;
  std::memcpy(&four, from, sizeof four);
  return four;
}
inline void store_four(void* to, FourDoubles four) { std::memcpy(to, &four, sizeof four); }

}  // namespace detail

/// The line items of a charge: where the energy, carbon and money of one worker's time went.
enum class Line : std::uint8_t {
  device_dynamic,  ///< the device's power above idle
  device_idle,     ///< the device's idle power
  host,            ///< the share of CPU, memory and the rest of the server
  facility,        ///< cooling and distribution: (PUE - 1) times the above
  embodied,        ///< manufacture of device and host, by share of life
  rental,          ///< the price of the hours
  carbon_tax,      ///< the carbon price of all the carbon of the charge
  transfer,        ///< the network's energy for moving data to another site, carbon tax included
};
inline constexpr std::size_t kLines = 8;
inline constexpr std::array<std::string_view, kLines> kLineNames = {
    "device_dynamic", "device_idle", "host", "facility", "embodied", "rental", "carbon_tax", "transfer"};

/// The charge of one stretch of a worker's time, by line item. The total is the sum of the lines and nothing else.
struct Charge {
  Duration time{};
  std::array<Usage, kLines> lines{};

  [[nodiscard]] Usage& operator[](Line line) { return lines[static_cast<std::size_t>(line)]; }
  [[nodiscard]] const Usage& operator[](Line line) const { return lines[static_cast<std::size_t>(line)]; }
  /// Sets a line in one piece: energy, operational and embodied carbon and money in base units, and water.
  void set(Line line, detail::FourDoubles four, Water water) {
    Usage& usage = (*this)[line];
    detail::store_four(&usage, four);
    usage.water = water;
  }
  /// Sum of the lines, in their order.
  [[nodiscard]] Usage total() const {
    static_assert(sizeof(Usage) == 5 * sizeof(double) && offsetof(Usage, water) == sizeof(detail::FourDoubles));
    detail::FourDoubles sum{};  // energy, operational, embodied, money
    Water water{};
#pragma GCC unroll 8
    for (const Usage& line : lines) {
      sum += detail::load_four(&line);
      water += line.water;
    }
    Usage total;
    detail::store_four(&total, sum);
    total.water = water;
    return total;
  }
  Charge& operator+=(const Charge& other) {
    static_assert(sizeof lines % sizeof(detail::FourDoubles) == 0);
    time += other.time;
    auto* const to = reinterpret_cast<std::byte*>(lines.data());
    const auto* const from = reinterpret_cast<const std::byte*>(other.lines.data());
#pragma GCC unroll 10
    for (std::size_t i = 0; i < sizeof lines; i += sizeof(detail::FourDoubles))
      detail::store_four(to + i, detail::load_four(to + i) + detail::load_four(from + i));
    return *this;
  }
  Charge& operator*=(double factor) {
    time *= factor;
    for (Usage& line : lines) line *= factor;
    return *this;
  }
  bool operator==(const Charge&) const = default;
};

/// The accounts of a search: what the charge was for.
enum class Account : std::uint8_t {
  search,      ///< candidates that completed
  failed,      ///< candidates that failed, until they did
  lost,        ///< work that a preemption destroyed
  strategy,    ///< the strategy's own computing
  idle,        ///< workers that waited for a candidate
  retraining,  ///< the final training of the winner
};
inline constexpr std::size_t kAccounts = 6;
inline constexpr std::array<std::string_view, kAccounts> kAccountNames = {"search",   "failed", "lost",
                                                                          "strategy", "idle",   "retraining"};

struct Ledger {
  std::array<Charge, kAccounts> accounts{};

  [[nodiscard]] Charge& operator[](Account account) { return accounts[static_cast<std::size_t>(account)]; }
  [[nodiscard]] const Charge& operator[](Account account) const {
    return accounts[static_cast<std::size_t>(account)];
  }
  /// All accounts but the retraining: what the search itself cost.
  [[nodiscard]] Charge search_total() const {
    Charge sum;
    for (std::size_t i = 0; i < kAccounts; ++i)
      if (i != static_cast<std::size_t>(Account::retraining)) sum += accounts[i];
    return sum;
  }
};

/// The result of a trial. Losses are the objectives turned so that smaller is better.
struct Completed {
  Objectives losses;
  bool cached = false;  ///< answered from an earlier trial, at no charge
};
struct Failed {
  Failure reason = Failure::diverged;
};

struct Trial {
  TrialId id = 0;
  Proposal proposal;
  double trained_from = 0.0;  ///< fidelity at which training started (0: from scratch)
  std::uint32_t repeat = 0;   ///< which training seed of this configuration
  std::uint32_t worker = 0;
  Duration start{};
  Duration end{};
  Workload workload;              ///< what `charge` was computed from; empty for a cached trial
  Charge charge;                  ///< without what was lost
  Charge lost;                    ///< of work that preemptions destroyed
  std::uint32_t preemptions = 0;  ///< how often its worker was taken away
  Objectives constraints;         ///< as Outcome's; empty where the candidate failed before they could be measured
  StageShares stage_shares;       ///< as Outcome's
  std::variant<Completed, Failed> result;

  [[nodiscard]] bool completed() const { return std::holds_alternative<Completed>(result); }
  /// First loss of a completed trial.
  [[nodiscard]] double loss() const { return std::get<Completed>(result).losses.front(); }
};

}  // namespace tonne
