#include "cost_models/sites.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/random.h"
#include "core/sites.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

class MachineSites final : public Sites {
 public:
  struct Place {
    std::string name;
    MachineCostModel cost;
    std::optional<std::size_t> workers;
  };
  MachineSites(std::vector<Place> places, const TransferSettings& transfer)
      : places_(std::move(places)), energy_(transfer.energy()), delay_(transfer.delay) {}

  [[nodiscard]] std::size_t count() const override { return places_.size(); }
  [[nodiscard]] const std::string& name(std::size_t site) const override { return places_[site].name; }
  [[nodiscard]] const MachineCostModel& cost(std::size_t site) const override { return places_[site].cost; }
  [[nodiscard]] std::optional<std::size_t> workers(std::size_t site) const override {
    return places_[site].workers;
  }
  [[nodiscard]] Intensity intensity(std::size_t site, Duration start, Duration length) const override {
    return parameters(site).pue * parameters(site).grid.mean(start, start + length);
  }
  // The network lies between both places: half of its energy is home's, half the site's. It is somebody
  // else's, so its electricity is in no bill, and no facility of ours cools it.
  [[nodiscard]] Charge transfer(std::size_t site, Duration start) const override {
    const Duration from = start - delay_;
    Usage usage;
    usage.energy = energy_;
    usage.operational =
        0.5 * energy_ * (parameters(0).grid.mean(from, start) + parameters(site).grid.mean(from, start));
    usage.money = usage.operational * parameters(0).carbon_price;
    Charge charge;
    charge[Line::transfer] = usage;
    return charge;
  }
  [[nodiscard]] Duration delay() const override { return delay_; }

 private:
  [[nodiscard]] const MachineParameters& parameters(std::size_t site) const {
    return places_[site].cost.parameters();
  }

  std::vector<Place> places_;
  Energy energy_;
  Duration delay_;
};

// Home's cost model, which knows of the others.
class SitedCostModel final : public CostModel {
 public:
  explicit SitedCostModel(MachineSites sites) : sites_(std::move(sites)) {}

  [[nodiscard]] bool fits(const Workload& workload) const override { return home().fits(workload); }
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override {
    return home().charge(workload, start);
  }
  [[nodiscard]] Charge charge_part(const Workload& workload, Duration start, Duration length) const override {
    return home().charge_part(workload, start, length);
  }
  [[nodiscard]] Charge charge_idle(Duration length, Duration start) const override {
    return home().charge_idle(length, start);
  }
  [[nodiscard]] Charge charge_computing(Work work, Duration start) const override {
    return home().charge_computing(work, start);
  }
  [[nodiscard]] std::optional<Preemption> preemption() const override { return home().preemption(); }
  [[nodiscard]] std::optional<Intensity> intensity(Duration start, Duration length) const override {
    return home().intensity(start, length);
  }
  [[nodiscard]] std::optional<Duration> horizon() const override { return home().horizon(); }
  [[nodiscard]] double uses_per_pass() const override { return home().uses_per_pass(); }
  [[nodiscard]] const Sites* sites() const override { return &sites_; }

 private:
  [[nodiscard]] const MachineCostModel& home() const { return sites_.cost(0); }

  MachineSites sites_;
};

bool has_own_facility(const SiteSettings& site) {
  return !site.facility.name.empty() || site.facility.pue || site.facility.wue;
}

// The cluster as if it stood there.
ClusterSettings cluster_at(const ClusterSettings& home, const SiteSettings& site) {
  ClusterSettings moved = home;
  moved.grid = site.grid;
  moved.own_grid = site.own_grid;
  if (has_own_facility(site)) moved.facility = site.facility;
  return moved;
}

constexpr std::string_view kCluster = "cluster.";

bool is_of_place(std::string_view key) {
  return key.starts_with("grid") || key.starts_with("facility");
}

// What goes wrong at another site is told under its key.
template <class Function>
auto told_of(const std::string& name, const Function& function) {
  try {
    return function();
  } catch (const InputError& error) {
    if (error.has_location() || !error.path().starts_with(kCluster)) throw;
    const std::string key = error.path().substr(kCluster.size());
    if (is_of_place(key))
      throw InputError({}, fmt::format("cluster.sites.{}.{}", name, key), error.message());
    throw InputError({}, error.path(), fmt::format("at the site {}: {}", name, error.message()));
  }
}

// Sites share one clock; the start of one of their traces would be an arbitrary choice.
void check_start(const ClusterSettings& home, const SitesSettings& sites) {
  const bool has_trace =
      !home.own_grid.trace.empty() ||
      std::ranges::any_of(sites.sites, [](const SiteSettings& s) { return !s.own_grid.trace.empty(); });
  if (sites.empty() || !has_trace || !home.start.empty()) return;
  throw InputError({}, "cluster.sites", "share one clock: if any site has a trace, give cluster.start");
}

void check_nature(const std::string& name, SignalNature nature, SignalNature of_home) {
  if (nature == of_home) return;
  const auto text = [](SignalNature n) {
    return fmt::format("{}, {}, {}-based", to_string(n.kind), to_string(n.scope), to_string(n.basis));
  };
  throw InputError({}, fmt::format("cluster.sites.{}.grid", name),
                   fmt::format("is {}, but the home grid is {}: their carbon cannot be compared",
                               text(nature), text(of_home)));
}

// A dot would separate the keys of a path.
bool is_plain(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string gigabytes(const TransferSettings& transfer) {
  return fmt::format("{:.4g} GB", transfer.data / gigabyte);
}

}  // namespace

void SiteSettings::visit(SettingsVisitor& visitor) {
  visitor.name_or_group("grid", grid, "electricity grid of the site (tonne list grids)",
                        [this](SettingsVisitor& v) { own_grid.visit(v); });
  visitor.require(!grid.empty() || own_grid.given(), "grid",
                  "a site needs a grid: a name, a trace or an intensity");
  visitor.name_or_group("facility", facility.name, "facility of the site; empty: the cluster's",
                        [this](SettingsVisitor& v) { facility.visit(v); });
  visitor.optional_integer("workers", workers, Bounds::between(1.0, 1e6),
                           "most concurrent trials at the site; default: the cluster's workers");
}

void TransferSettings::visit(SettingsVisitor& visitor) {
  visitor.quantity("data", data, Bounds::at_least(0.0), "data moved per remote trial, both ways");
  visitor.number("kwh_per_gb", kwh_per_gb, Bounds::at_least(0.0), "network energy in kWh per gigabyte");
  visitor.quantity("delay", delay, Bounds::at_least(0.0), "delay before a remote trial starts");
}

void SitesSettings::visit(SettingsVisitor& visitor) {
  visitor.named_groups(
      "sites", names, "other sites for trials, by name", [this](const std::string& name, SettingsVisitor& v) {
        v.require(name != kHome, "", "'home' is the cluster's own site: use another name");
        v.require(is_plain(name), "", "a site's name consists of letters, digits, '-' and '_'");
        const auto at = std::ranges::find(names, name);
        const auto index = static_cast<std::size_t>(at - names.begin());
        if (at == names.end()) {
          names.push_back(name);
          sites.emplace_back();
        }
        sites[index].visit(v);
      });
  if (!sites.empty())
    visitor.group("transfer", "of a trial's data to another site",
                  [this](SettingsVisitor& v) { transfer.visit(v); });
}

std::vector<SiteSummary> list_sites(const ClusterSettings& home, const SitesSettings& sites) {
  if (sites.empty()) return {};
  std::vector<SiteSummary> list{{kHome, home.place_summary(), std::nullopt}};
  for (std::size_t i = 0; i < sites.names.size(); ++i)
    list.push_back(
        {sites.names[i], cluster_at(home, sites.sites[i]).place_summary(), sites.sites[i].workers});
  return list;
}

std::string SitesSettings::summary(const ClusterSettings& home) const {
  std::string text;
  for (const SiteSummary& site : list_sites(home, *this))
    if (site.name != kHome) text += fmt::format(", or at {}: {}", site.name, site.place);
  return text;
}

std::shared_ptr<const CostModel> make_cost_model(const ClusterSettings& home, const SitesSettings& sites) {
  return SitedCostModelFamily(home, sites).make(home, sites);
}

SitedCostModelFamily::SitedCostModelFamily(const ClusterSettings& home, const SitesSettings& sites) {
  check_start(home, sites);
  families_.emplace_back(home);
  for (std::size_t i = 0; i < sites.names.size(); ++i)
    told_of(sites.names[i], [&] { families_.emplace_back(cluster_at(home, sites.sites[i])); });
}

std::shared_ptr<const CostModel> SitedCostModelFamily::make(const ClusterSettings& home,
                                                            const SitesSettings& sites) const {
  if (sites.empty()) return families_.front().make(home);
  std::vector<MachineSites::Place> places;
  places.push_back({kHome, MachineCostModel(families_.front().parameters(home)), std::nullopt});
  const SignalNature nature = places.front().cost.parameters().grid.nature();
  for (std::size_t i = 0; i < sites.names.size(); ++i) {
    const SiteSettings& site = sites.sites[i];
    MachineParameters machine =
        told_of(sites.names[i], [&] { return families_[i + 1].parameters(cluster_at(home, site)); });
    check_nature(sites.names[i], machine.grid.nature(), nature);
    std::optional<std::size_t> workers;
    if (site.workers) workers = static_cast<std::size_t>(*site.workers);
    places.push_back({sites.names[i], MachineCostModel(std::move(machine)), workers});
  }
  return std::make_shared<const SitedCostModel>(MachineSites(std::move(places), sites.transfer));
}

std::uint64_t content_digest(const ClusterSettings& home, const SitesSettings& sites) {
  std::uint64_t digest = content_digest(home);
  for (const SiteSettings& site : sites.sites)
    digest = mix_bits(digest ^ content_digest(cluster_at(home, site)));
  return digest;
}

std::vector<Factor> factors_of(const ClusterSettings& home, const SitesSettings& sites) {
  std::vector<Factor> factors = factors_of(home);
  if (sites.empty()) return factors;
  for (std::size_t i = 0; i < sites.names.size(); ++i)
    for (Factor& factor : factors_of(cluster_at(home, sites.sites[i]))) {
      const bool given = factor.key.starts_with(kCluster);
      const std::string key = given ? factor.key.substr(kCluster.size()) : factor.key;
      const bool inherited = key.starts_with("facility") && !has_own_facility(sites.sites[i]);
      if (!is_of_place(key) || key == "grid_water" || inherited) continue;
      factor.key = fmt::format("{}sites.{}.{}", given ? kCluster : "", sites.names[i], key);
      factors.push_back(std::move(factor));
    }
  const TransferSettings shipped;
  const Provenance given{"given in the experiment", 0, false};
  const bool own_energy = sites.transfer.kwh_per_gb != shipped.kwh_per_gb;
  const bool own_data = sites.transfer.data != shipped.data;
  factors.push_back({"cluster.transfer.data", gigabytes(sites.transfer),
                     own_data ? given : Provenance{"assumed", 0, false}});
  factors.push_back(
      {"cluster.transfer.kwh_per_gb", fmt::format("{:.12g}", sites.transfer.kwh_per_gb),
       own_energy ? given : Provenance{"Aslan et al. 2018, doi:10.1111/jiec.12630, for 2015", 2018, true}});
  return factors;
}

}  // namespace tonne
