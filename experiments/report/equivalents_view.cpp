#include "experiments/report/equivalents_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "cost_models/equivalents.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// Up to ten pictures, each standing for a round number.
EquivalentView equivalent_view(const Equivalent& equivalent, Carbon carbon, std::string_view icon) {
  const double amount = carbon / equivalent.each;
  const double each = std::pow(10.0, std::ceil(std::log10(amount / 10.0)));
  EquivalentView view;
  view.icon = icon;
  view.count = static_cast<std::size_t>(std::max(1.0, std::round(amount / each)));
  view.amount = significant_text(amount);
  view.what = fmt::format("{} (one icon = {:g})", equivalent.what, each);
  view.source = fmt::format("{}{}", equivalent.source, equivalent.verified ? "" : "; unverified");
  return view;
}

}  // namespace

std::vector<EquivalentView> equivalent_views(Carbon carbon) {
  constexpr std::pair<std::string_view, std::string_view> kPictures[] = {{"smartphone_charges", "phone"},
                                                                         {"car_km_eu", "car"},
                                                                         {"tree_years", "tree"},
                                                                         {"flights_paris_london", "plane"},
                                                                         {"car_lifetimes", "life"}};
  std::vector<EquivalentView> views;
  if (carbon <= Carbon{}) return views;
  for (const auto& [key, icon] : kPictures) {
    for (const Equivalent& equivalent : equivalents()) {
      const double amount = carbon / equivalent.each;
      if (equivalent.key == key && amount >= 0.05 && amount < 1e6)
        views.push_back(equivalent_view(equivalent, carbon, icon));
    }
  }
  return views;
}

}  // namespace tonne
