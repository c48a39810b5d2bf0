#pragma once
// What is known of an experiment from elsewhere, and the strategy that the others are measured by:
// `reference` and `baseline` of the experiment file. Neither decides a result, so neither enters the digest.

#include <optional>
#include <string>
#include <vector>

namespace tonne {

/// A figure that somebody published for such a search.
struct PublishedFigure {
  std::string figure;    ///< one of published_figure_names(), or the name of a problem's fidelity: "steps"
  double value = 0.0;    ///< kg CO2e, kWh, USD, h; a number of anything else
  std::string source;    ///< "Strubell et al. 2019, table 3"
  std::string strategy;  ///< whose searches it is compared with; empty: the leading strategy's
};

/// "co2e, energy, money, hours, evaluations, value, overhead".
[[nodiscard]] const std::vector<std::string>& published_figure_names();

/// As a store keeps them, and back. Nothing when the text is none of ours.
[[nodiscard]] std::string encode_published_figures(const std::vector<PublishedFigure>& figures);
[[nodiscard]] std::optional<std::vector<PublishedFigure>> decode_published_figures(const std::string& text);

}  // namespace tonne
