#pragma once
// What the two spaces of `macro_cnn` share: settings, the inverted residual block, and all of the problem but
// a network's costs and landscape.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/problem.h"
#include "core/settings.h"
#include "search/problems/landscape/training_seeds.h"
#include "search/problems/networks/convolutions.h"

namespace tonne::macro_cnn {

enum class Space : std::uint8_t { once_for_all, nasbench_macro };
inline constexpr std::array<std::string_view, 2> kSpaceNames = {"once_for_all", "nasbench_macro"};

struct Settings {
  Space space = Space::once_for_all;
  std::int64_t landscape = 0;
  std::optional<std::int64_t> epochs;  ///< absent: the space's
  std::int64_t batch = 256;            ///< assumed for both
  double noise = 1.0;                  ///< factor on the seed sd
  TrainingSeedsSetting training_seeds;

  void visit(SettingsVisitor& visitor);
  [[nodiscard]] TrainingSeeds seeds() const;
};

/// Epochs of a full training: assumed of a MobileNet trained on its own; Su et al. 2021.
inline constexpr std::int64_t kOnceForAllEpochs = 150;
inline constexpr std::int64_t kNasbenchMacroEpochs = 50;
inline constexpr double kFeatures = 1'280.0;  // that the classifier reads

/// Expansion by 1x1, depthwise convolution, projection by 1x1, each with its normalisation. Sides in pixels.
struct InvertedResidual {
  double in, middle, out, kernel_side, in_side, out_side;
  bool squeeze = false;
};

void add_block(ConvolutionalCosts& costs, const InvertedResidual& block);

/// Accuracy, learning curve and spread of one network.
struct Landscape {
  double asymptote = 0.0;       ///< noise-free accuracy after a full training, %
  double curve_constant = 1.0;  ///< epochs
  double noise_sd = 0.0;        ///< sd of the training seeds, points
};

/// What both spaces share: a network's costs and landscape are given, the rest is the same.
class MacroCnn : public Problem {
 public:
  MacroCnn(const Settings& settings, std::string name, std::int64_t epochs, double samples, double chance,
           SearchSpace space);

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] double true_value(const Configuration& configuration) const override;
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override;
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override;
  [[nodiscard]] std::optional<std::uint32_t> training_seeds(const Configuration&) const override {
    return seeds_.distinct();
  }

 protected:
  [[nodiscard]] virtual ConvolutionalCosts costs(const Configuration& configuration) const = 0;
  [[nodiscard]] virtual Landscape landscape(const Configuration& configuration,
                                            const ConvolutionalCosts& costs) const = 0;

 private:
  double epochs_;
  double samples_;
  double batch_;
  double steps_;
  double chance_;
  TrainingSeeds seeds_;
  std::uint64_t trainings_;  // name of the landscape's trainings
  SearchSpace space_;
  ProblemTraits traits_;
};

[[nodiscard]] std::shared_ptr<const Problem> make_once_for_all(const Settings& settings);
[[nodiscard]] std::shared_ptr<const Problem> make_nasbench_macro(const Settings& settings);

}  // namespace tonne::macro_cnn
