// Scrambled Sobol sequence: Sobol 1967, with the direction numbers of Joe and Kuo 2008 as Boost.Random ships them,
// scrambled by a random linear matrix and a digital shift (Matousek 1998, "On the L2-discrepancy for anchored boxes",
// J. Complexity 14), which keeps the net property and makes every point uniform on the cube.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/recipe.h"
#include "core/sobol.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

/// Of Boost's table.
constexpr std::size_t kMostDimensions = 3667;

struct SobolSettings {
  bool scramble = true;  ///< without it every seed visits the same points

  void visit(SettingsVisitor& visitor) {
    visitor.flag("scramble", scramble,
                 "scramble the sequence by seed; otherwise every seed gets the same points");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (context.space.size() <= kMostDimensions) return std::nullopt;
    return "the space has " + std::to_string(context.space.size()) +
           " parameters; direction numbers are available for " + std::to_string(kMostDimensions);
  }
};

/// y = L x + shift over the field of two elements, L lower triangular with ones on its diagonal, bits counted from the
/// most significant one.
class Scramble {
 public:
  explicit Scramble(Random random) {
    for (unsigned bit = 0; bit < 64; ++bit) {
      const std::uint64_t diagonal = std::uint64_t{1} << (63 - bit);
      columns_[bit] = diagonal | (random.next() & (diagonal - 1));
    }
    shift_ = random.next();
  }
  [[nodiscard]] std::uint64_t operator()(std::uint64_t x) const {
    std::uint64_t y = shift_;
    for (unsigned bit = 0; bit < 64; ++bit) y ^= columns_[bit] & (0 - ((x >> (63 - bit)) & 1));
    return y;
  }

 private:
  std::array<std::uint64_t, 64> columns_{};
  std::uint64_t shift_ = 0;
};

class Sobol final : public Strategy {
 public:
  Sobol(const SobolSettings& settings, const StrategyContext& context)
      : scramble_(settings.scramble),
        space_(context.space),
        fidelity_(context.fidelity),
        engine_(context.space.size()),
        u_(context.space.size()) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    if (scramble_ && scrambles_.empty())
      for (std::size_t i = 0; i < space_.size(); ++i) scrambles_.emplace_back(random.child("scramble").child(i));
    for (std::size_t i = 0; i < u_.size(); ++i) {
      const std::uint64_t x = at_origin_ ? 0 : engine_.next();
      u_[i] = static_cast<double>((scramble_ ? scrambles_[i](x) : x) >> 11U) * 0x1.0p-53;
    }
    at_origin_ = false;
    return Proposal{.configuration = configuration_at(space_, u_), .fidelity = fidelity_};
  }
  void tell(const Trial&) override {}

 private:
  bool scramble_;
  const SearchSpace& space_;
  double fidelity_;
  SobolSequence engine_;
  bool at_origin_ = true;  // Boost leaves out the sequence's first point, without which 2^m points are no net
  std::vector<Scramble> scrambles_;  // made at the first ask, one a dimension
  std::vector<double> u_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_sobol_recipe() {
  return std::make_unique<BasicStrategyRecipe<SobolSettings, Sobol>>();
}

}  // namespace tonne
