#include "experiments/plan/warm_start.h"

#include <array>
#include <string_view>

#include "core/error.h"

namespace tonne {
namespace {

bool is_carbon_setting(const WarmStartSettings& settings) {
  try {
    return stated_carbon(settings).value_or(Carbon{}) >= Carbon{};
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

void WarmStartSettings::visit(SettingsVisitor& visitor) {
  visitor.texts("results", results, "finished results folders of this program to learn from");
  visitor.texts("problems", problems, "labels of the problems in them that are used; default: all");
  visitor.texts("strategies", strategies, "labels of the strategies in them that are used; default: all");
  visitor.flag("leave_out_same", leave_out_same, "do not use searches of the very problem that is searched");
  visitor.choice("seeds", seeds, std::to_array<std::string_view>({"all", "same"}),
                 "whether a search learns from all earlier ones, or from those of its own seed");
  visitor.text("carbon", carbon,
               "declared: what the earlier searches emitted is said, not counted; counted: it is added to "
               "what each search "
               "costs; or a mass such as 3 kg, which is counted instead");
  visitor.require(is_carbon_setting(*this), "carbon", "must be declared, counted or a mass such as '3 kg'");
  visitor.integer("uses", uses, Bounds::between(1, 1e9), "searches that share what is counted");
}

std::optional<Carbon> stated_carbon(const WarmStartSettings& settings) {
  if (settings.carbon == "declared" || settings.carbon == "counted") return std::nullopt;
  return Carbon::from_base(parse_quantity(settings.carbon, QuantityKind::carbon));
}

std::string canonical_warm_start(const WarmStartPlan& plan) {
  if (!plan.given()) return "";
  WarmStartSettings settings = plan.settings;
  settings.results = plan.digests;  // what they hold, wherever they stand
  return canonical_settings([&](SettingsVisitor& visitor) { settings.visit(visitor); });
}

}  // namespace tonne
