#include "core/uncertainty.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>

#include "core/csv.h"
#include "core/number_text.h"
#include "core/random.h"

namespace tonne {
namespace {

struct ShapeName {
  Distribution::Shape shape;
  std::string_view name;
  std::size_t parameters;
  std::string_view example;
};

constexpr auto kShapes = std::to_array<ShapeName>({
    {Distribution::Shape::uniform, "uniform", 2, "uniform(low, high)"},
    {Distribution::Shape::triangular, "triangular", 3, "triangular(low, mode, high)"},
    {Distribution::Shape::normal, "normal", 2, "normal(mean, standard deviation)"},
    {Distribution::Shape::lognormal, "lognormal", 2, "lognormal(median, geometric standard deviation)"},
});

const ShapeName& name_of(Distribution::Shape shape) {
  return *std::ranges::find(kShapes, shape, &ShapeName::shape);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  return "'" + printable(text.substr(0, kLongest)) + (text.size() > kLongest ? "...'" : "'");
}

// A number and what stands behind it; "$5" is "5 USD".
struct Argument {
  std::string_view number;
  std::string_view unit;
};

std::optional<Argument> split_argument(std::string_view text) {
  text = trimmed(text);
  const bool dollars = text.starts_with('$');
  if (dollars) text = trimmed(text.substr(1));
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  const auto length = static_cast<std::size_t>(end - text.data());
  const std::string_view unit = trimmed(text.substr(length));
  return Argument{text.substr(0, length), dollars && unit.empty() ? "USD" : unit};
}

struct Written {
  Distribution::Shape shape;
  std::vector<std::string_view> arguments;
};

// "a..b"; a path such as ../grid.csv has no number on its left.
std::optional<Written> split_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view low = text.substr(0, dots);
  const std::string_view high = text.substr(dots + 2);
  if (!split_argument(low) || !split_argument(high)) return std::nullopt;
  return Written{Distribution::Shape::uniform, {low, high}};
}

// "shape(a, b)"
std::optional<Written> split_call(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view name = trimmed(text.substr(0, open));
  if (name.empty() || !std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; }))
    return std::nullopt;
  const auto known = std::ranges::find(kShapes, name, &ShapeName::name);
  if (known == kShapes.end()) {
    std::vector<std::string> names;
    for (const ShapeName& shape : kShapes) names.emplace_back(shape.name);
    const std::string hint = did_you_mean(name, names);
    throw InputError("unknown distribution " + in_quotes(name) + ". " + (hint.empty() ? "" : hint + " ") +
                     "Known: " + join_names(names));
  }
  if (!text.ends_with(')'))
    throw InputError(in_quotes(text) + " does not end with ')': inside { } a distribution must be quoted");
  Written written{known->shape, {}};
  for (std::string_view rest = text.substr(open + 1, text.size() - open - 2); true;) {
    const std::size_t comma = rest.find(',');
    written.arguments.push_back(trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  if (written.arguments.size() != known->parameters)
    throw InputError(in_quotes(text) + " has " + std::to_string(written.arguments.size()) +
                     " numbers, expected " + std::string(known->example));
  return written;
}

double parse_argument(std::string_view text, std::string_view unit, std::optional<QuantityKind> kind) {
  const auto argument = split_argument(text);
  const std::string whole =
      argument ? std::string(argument->number) + (unit.empty() ? "" : " " + std::string(unit))
               : std::string(text);
  if (kind) return parse_quantity(whole, *kind);
  const auto value = parse_number(whole);
  if (!value || !std::isfinite(*value)) throw InputError(in_quotes(whole) + " is not a number");
  return *value;
}

// Sets what it knows a value of, and leaves everything else as it is.
class OverlayVisitor final : public SettingsVisitor {
 public:
  using Values = std::map<std::string, double>;
  OverlayVisitor(const Values& values, std::string prefix) : values_(values), prefix_(std::move(prefix)) {}

  void integer(std::string_view, std::int64_t&, Bounds, std::string_view) override {}
  void number(std::string_view key, double& value, Bounds, std::string_view) override {
    if (const auto at = values_.find(path_of(key)); at != values_.end()) value = at->second;
  }
  void flag(std::string_view, bool&, std::string_view) override {}
  void text(std::string_view, std::string&, std::string_view) override {}
  void texts(std::string_view, std::vector<std::string>&, std::string_view) override {}
  void path(std::string_view, std::filesystem::path&, std::string_view) override {}
  void optional_number(std::string_view key, std::optional<double>& value, Bounds,
                       std::string_view) override {
    if (const auto at = values_.find(path_of(key)); at != values_.end()) value = at->second;
  }
  void optional_integer(std::string_view, std::optional<std::int64_t>&, Bounds, std::string_view) override {}
  void choice_index(std::string_view, std::size_t&, std::span<const std::string_view>,
                    std::string_view) override {}
  void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind, Bounds,
                     std::string_view) override {
    if (const auto at = values_.find(path_of(key)); at != values_.end()) base = at->second;
  }
  void group(std::string_view key, std::string_view,
             const std::function<void(SettingsVisitor&)>& visit) override {
    OverlayVisitor nested(values_, path_of(key));
    visit(nested);
  }
  void name_or_group(std::string_view key, std::string&, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) override {
    group(key, meaning, visit);
  }
  void component(std::string_view key, std::string& name, std::span<const std::string_view>, std::string_view,
                 const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    OverlayVisitor nested(values_, path_of(key) + "." + name);
    visit(name, nested);
  }
  void named_groups(std::string_view key, const std::vector<std::string>& names, std::string_view,
                    const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    for (const std::string& name : names) {
      OverlayVisitor nested(values_, path_of(key) + "." + name);
      visit(name, nested);
    }
  }
  void require(bool, std::string_view, std::string_view) override {}

 private:
  [[nodiscard]] std::string path_of(std::string_view key) const {
    return prefix_.empty() ? std::string(key) : prefix_ + "." + std::string(key);
  }
  const Values& values_;
  std::string prefix_;
};

}  // namespace

std::optional<Distribution> Distribution::parse(std::string_view text, std::optional<QuantityKind> kind,
                                                Bounds bounds) {
  text = trimmed(text);
  auto written = split_range(text);
  if (!written) written = split_call(text);
  if (!written) return std::nullopt;
  Distribution made;
  made.shape_ = written->shape;
  made.bounds_ = bounds;
  const std::size_t with_unit = made.shape_ == Shape::lognormal ? 1 : written->arguments.size();
  for (std::size_t i = 0; i < with_unit && made.unit_.empty(); ++i)
    if (const auto argument = split_argument(written->arguments[i])) made.unit_ = argument->unit;
  for (std::size_t i = 0; i < written->arguments.size(); ++i) {
    if (i >= with_unit) {
      const auto spread = parse_number(written->arguments[i]);
      if (!spread) throw InputError(in_quotes(text) + ": a geometric standard deviation has no unit");
      made.parameters_.push_back(*spread);
      continue;
    }
    const auto argument = split_argument(written->arguments[i]);
    const std::string_view own = argument ? argument->unit : std::string_view{};
    made.parameters_.push_back(parse_argument(written->arguments[i], own.empty() ? made.unit_ : own, kind));
  }
  if (kind) made.unit_size_ = parse_quantity("1 " + made.unit_, *kind);
  made.check(text);
  return made;
}

void Distribution::check(std::string_view text) const {
  const auto fail = [&](const std::string& message) { throw InputError(in_quotes(text) + " " + message); };
  const bool finite = std::ranges::all_of(parameters_, [](double p) { return std::isfinite(p); });
  if (!finite) fail("contains a number that is not finite");
  switch (shape_) {
    case Shape::uniform:
      if (!(parameters_[0] < parameters_[1])) fail("must go from a lower to a higher value");
      return;
    case Shape::triangular:
      if (!(parameters_[0] < parameters_[2]) || parameters_[1] < parameters_[0] ||
          parameters_[1] > parameters_[2])
        fail("must go from low through mode to high");
      return;
    case Shape::normal:
      if (!(parameters_[1] > 0.0)) fail("needs a positive standard deviation");
      return;
    case Shape::lognormal:
      if (!(parameters_[0] > 0.0)) fail("needs a positive median");
      if (!(parameters_[1] > 1.0)) fail("needs a geometric standard deviation above 1");
      return;
  }
}

double Distribution::highest() const {
  const bool has_ends = shape_ == Shape::uniform || shape_ == Shape::triangular;
  return has_ends ? parameters_.back() : parameters_.front();
}

// Standard normal quantile of what is left between the ends.
double Distribution::truncated(double probability, double low, double high) const {
  const double below = normal_cdf(low);
  const double z = normal_quantile(below + probability * (normal_cdf(high) - below));
  return std::clamp(z, low, high);
}

double Distribution::quantile(double probability) const {
  const auto& p = parameters_;
  switch (shape_) {
    case Shape::uniform:
      return p[0] + probability * (p[1] - p[0]);
    case Shape::triangular: {
      const double width = p[2] - p[0];
      const double rising = (p[1] - p[0]) / width;
      if (probability < rising) return p[0] + std::sqrt(probability * width * (p[1] - p[0]));
      return p[2] - std::sqrt((1.0 - probability) * width * (p[2] - p[1]));
    }
    case Shape::normal: {
      const double z = truncated(probability, (bounds_.low - p[0]) / p[1], (bounds_.high - p[0]) / p[1]);
      return std::clamp(p[0] + p[1] * z, bounds_.low, bounds_.high);
    }
    case Shape::lognormal: {
      const double spread = std::log(p[1]);
      const double low = bounds_.low > 0.0 ? std::log(bounds_.low / p[0]) / spread
                                           : -std::numeric_limits<double>::infinity();
      const double z = truncated(probability, low, std::log(bounds_.high / p[0]) / spread);
      return std::clamp(p[0] * std::exp(spread * z), bounds_.low, bounds_.high);
    }
  }
  return p[0];
}

std::string Distribution::canonical() const {
  std::string text = std::string(name_of(shape_).name) + "(";
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    text += (i == 0 ? "" : ", ") + shortest_text(parameters_[i]);
  return text + ")";
}

void set_values(const std::function<void(SettingsVisitor&)>& visit, const std::string& prefix,
                std::span<const UncertainSetting> uncertain, std::span<const double> values) {
  OverlayVisitor::Values by_key;
  for (std::size_t i = 0; i < uncertain.size(); ++i) by_key[uncertain[i].key] = values[i];
  OverlayVisitor overlay(by_key, prefix);
  visit(overlay);
}

std::vector<double> stratified_probabilities(std::uint64_t seed, std::string_view key, std::size_t draws) {
  const Random root = Random(seed).child("uncertainty").child(key);
  std::vector<std::size_t> strata(draws);
  std::iota(strata.begin(), strata.end(), std::size_t{0});
  Random order = root.child("strata");
  for (std::size_t i = draws; i > 1; --i) std::swap(strata[i - 1], strata[order.below(i)]);
  std::vector<double> probabilities;
  probabilities.reserve(draws);
  for (std::size_t k = 0; k < draws; ++k) {
    // Within (0, 1): a distribution without ends has no quantile there.
    const double within = (static_cast<double>(root.child(k).next() >> 12U) + 0.5) * 0x1.0p-52;
    probabilities.push_back((static_cast<double>(strata[k]) + within) / static_cast<double>(draws));
  }
  return probabilities;
}

double quantile_of_sorted(std::span<const double> sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::string distribution_expression(const std::string& argument, const std::string& number) {
  std::string forms = argument + " *\\.\\. *" + argument;
  for (const ShapeName& shape : kShapes) {
    forms += "|" + std::string(shape.name) + " *\\(";
    for (std::size_t i = 0; i < shape.parameters; ++i) {
      const bool spread = shape.shape == Distribution::Shape::lognormal && i > 0;
      forms += (i == 0 ? " *" : " *, *") + (spread ? number : argument);
    }
    forms += " *\\)";
  }
  return "(?:" + forms + ")";
}

}  // namespace tonne
