#include <algorithm>
#include <utility>

#include "experiments/report/lead_view.h"

namespace tonne {
namespace {

struct Part {
  std::string key, value;
};

// "workers=4, start=2022-02-15" in its parts; nothing where one has no key.
std::vector<Part> parts_of(const std::string& label) {
  std::vector<Part> parts;
  for (std::size_t at = 0; at <= label.size();) {
    const std::size_t end = std::min(label.find(", ", at), label.size());
    const std::string text = label.substr(at, end - at);
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos) return {};
    parts.push_back({text.substr(0, sign), text.substr(sign + 1)});
    at = end + 2;
  }
  return parts;
}

}  // namespace

ShortLabels short_labels(const std::vector<std::string>& labels) {
  std::vector<std::vector<Part>> all;
  for (const std::string& label : labels) all.push_back(parts_of(label));
  const auto alike = [&](const std::vector<Part>& parts) {
    return !parts.empty() && std::ranges::equal(parts, all.front(), {}, &Part::key, &Part::key);
  };
  if (all.empty() || !std::ranges::all_of(all, alike)) return {"scenario", labels};
  std::vector<std::size_t> differing;
  for (std::size_t p = 0; p < all.front().size(); ++p)
    if (std::ranges::any_of(all, [&](const auto& parts) { return parts[p].value != all.front()[p].value; }))
      differing.push_back(p);
  if (differing.empty()) return {"scenario", labels};
  ShortLabels shorter{differing.size() == 1 ? all.front()[differing.front()].key : "scenario", {}};
  for (const auto& parts : all) {
    std::string text;
    for (const std::size_t p : differing)
      text += (text.empty() ? "" : ", ") + (differing.size() == 1 ? "" : parts[p].key + "=") + parts[p].value;
    shorter.labels.push_back(std::move(text));
  }
  return shorter;
}

}  // namespace tonne
