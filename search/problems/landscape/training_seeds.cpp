#include "search/problems/landscape/training_seeds.h"

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "search/problems/landscape/hashed.h"

namespace tonne {
namespace {

constexpr std::string_view kWord = "unlimited";
constexpr std::uint64_t kSeedNames = 0x7ea1ab1e5eedULL;

double hashed_seed(std::uint64_t candidate, std::uint64_t seed) {
  return hashed_normal(candidate ^ mix_bits(kSeedNames + seed));
}

std::string written(std::int64_t count) {
  return count == TrainingSeeds::kUnlimited ? std::string(kWord) : std::to_string(count);
}

std::optional<std::int64_t> parsed(const std::string& text) {
  if (text == kWord) return TrainingSeeds::kUnlimited;
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || stop != end || count < 1 || count > TrainingSeeds::kMost) return std::nullopt;
  return count;
}

}  // namespace

double TrainingSeeds::deviation(std::uint64_t candidate, std::uint64_t seed) const {
  const double own = hashed_seed(candidate, seed);
  if (count_ == 1) return own;
  double sum = 0.0;
  for (std::uint64_t k = 0; k < count_; ++k) sum += hashed_seed(candidate, k);
  return own - sum / static_cast<double>(count_);
}

void TrainingSeedsSetting::visit(SettingsVisitor& visitor, std::int64_t usual) {
  const std::string before = written(given_.value_or(usual));
  std::string text = before;
  visitor.text(
      "training_seeds", text,
      "trainings of a candidate that exist, whose mean is its true value and which repeats return again; or "
      "unlimited: each training is a new one");
  if (text == before) return;
  const std::optional<std::int64_t> count = parsed(text);
  visitor.require(count.has_value(), "training_seeds",
                  "found '" + text + "', expected a whole number between 1 and " +
                      std::to_string(TrainingSeeds::kMost) + ", or unlimited");
  given_ = count;
}

}  // namespace tonne
