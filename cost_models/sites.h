#pragma once
// Other places for a cluster: `sites:` and `transfer:` beside the rest of `cluster:` in an experiment.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cost_model.h"
#include "core/settings.h"
#include "core/units.h"
#include "cost_models/cluster_settings.h"

namespace tonne {

/// One of `sites:`. The machines are those of the cluster.
struct SiteSettings {
  std::string grid;       ///< catalogue name
  GridSettings own_grid;  ///< where grid is empty
  /// Nothing given: the cluster's own.
  FacilitySettings facility{.name = "", .pue = std::nullopt, .wue = std::nullopt};
  std::optional<std::int64_t> workers;  ///< most trials there at once; none: the cluster's workers

  void visit(SettingsVisitor& visitor);
};

/// `transfer:`. What it takes to run one trial away from home.
struct TransferSettings {
  /// Moved in all, there and back. Assumed: weights, checkpoint and log; the training set stands at each site
  /// already.
  Bytes data = 1.0 * gigabyte;
  /// Of the network. Fixed-line, core and access, 2015: Aslan, Mayers, Koomey & France 2018, "Electricity
  /// Intensity of Internet Data Transmission", who find it halved every 2 years until then; later figures are
  /// lower.
  double kwh_per_gb = 0.06;
  Duration delay = 1.0 * minute;  ///< until a trial can start there: assumed

  [[nodiscard]] Energy energy() const { return data / gigabyte * kwh_per_gb * kilowatt_hour; }
  void visit(SettingsVisitor& visitor);
};

struct SitesSettings {
  std::vector<std::string> names;   ///< without home, which is the cluster's own facility and grid
  std::vector<SiteSettings> sites;  ///< in the order of names
  TransferSettings transfer;

  [[nodiscard]] bool empty() const { return names.empty(); }
  void visit(SettingsVisitor& visitor);
  /// ", or at north: PUE 1.1, FRA-2023 (56 g/kWh)"; empty without sites. Throws as make_cost_model().
  [[nodiscard]] std::string summary(const ClusterSettings& home) const;
};

/// The name of the cluster's own place among its sites.
inline constexpr const char* kHome = "home";

/// One line of a listing of sites.
struct SiteSummary {
  std::string name;
  std::string place;                    ///< "PUE 1.1, FRA-2023 (56 g/kWh)"
  std::optional<std::int64_t> workers;  ///< as SiteSettings
};
/// Home first; empty without sites. Throws as make_cost_model().
[[nodiscard]] std::vector<SiteSummary> list_sites(const ClusterSettings& home, const SitesSettings& sites);

/// The cost model of a cluster with other sites; without any, that of the cluster. Throws InputError as
/// make_cost_model() does, and when the sites' signals are of different natures (an average here, a marginal
/// there), or a trace among them needs a `start` that is not given.
[[nodiscard]] std::shared_ptr<const CostModel> make_cost_model(const ClusterSettings& home,
                                                               const SitesSettings& sites);

/// As CostModelFamily: traces and catalogue are read once.
class SitedCostModelFamily {
 public:
  SitedCostModelFamily(const ClusterSettings& home, const SitesSettings& sites);
  /// Precondition: the settings name the same files and sites.
  [[nodiscard]] std::shared_ptr<const CostModel> make(const ClusterSettings& home,
                                                      const SitesSettings& sites) const;

 private:
  std::vector<CostModelFamily> families_;  // home's first
};

/// As content_digest(home), which it is without sites.
[[nodiscard]] std::uint64_t content_digest(const ClusterSettings& home, const SitesSettings& sites);
/// As factors_of(home), with what the other sites and the transfer rest on.
[[nodiscard]] std::vector<Factor> factors_of(const ClusterSettings& home, const SitesSettings& sites);

}  // namespace tonne
