#pragma once
// The power transform of losses that HEBO has.

#include <cstdint>
#include <vector>

namespace tonne {

/// Box-Cox of losses that are all positive (Box and Cox 1964), else Yeo-Johnson (2000), of the losses divided by their
/// standard deviation, with the most likely lambda in [-5, 5] (Cowen-Rivers et al. 2022, "HEBO", as its program
/// does it). Strictly increasing. Where no lambda gives finite values that differ it is the identity.
class OutputTransform {
 public:
  /// The identity.
  OutputTransform() = default;
  /// Fitted to at least one finite loss.
  explicit OutputTransform(const std::vector<double>& losses);

  /// Precondition: covers(loss).
  [[nodiscard]] double operator()(double loss) const;
  /// Whether it is defined there: Box-Cox is for positive losses only.
  [[nodiscard]] bool covers(double loss) const { return kind_ != Kind::box_cox || loss > 0.0; }
  [[nodiscard]] double lambda() const { return lambda_; }
  [[nodiscard]] bool is_box_cox() const { return kind_ == Kind::box_cox; }

 private:
  enum class Kind : std::uint8_t { identity, box_cox, yeo_johnson };
  [[nodiscard]] double transformed(double scaled) const;
  [[nodiscard]] double log_slope(double scaled) const;
  [[nodiscard]] double log_likelihood(const std::vector<double>& scaled);
  void fit(const std::vector<double>& scaled);

  Kind kind_ = Kind::identity;
  double unit_ = 1.0;
  double lambda_ = 1.0;
};

}  // namespace tonne
