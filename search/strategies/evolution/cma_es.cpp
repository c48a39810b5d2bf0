// CMA-ES: Hansen 2016, "The CMA Evolution Strategy: A Tutorial" (arXiv 1604.00772), with active covariance
// update. Symbols and equation numbers are the tutorial's; n coordinates, population lambda.
//
// Where the tutorial is silent:
// - The box: a sample is reflected into the unit cube where it is evaluated; the distribution keeps the
// unreflected one.
// - The start is uniform in the cube, sigma a part of the parameters' range.
// - Integers and ordinals are one coordinate and take the value whose cell holds it; their standard deviation
// does not
//   fall below a fifth of a cell (pycma's minstd), so that neighbours stay within reach. A categorical
//   parameter has one coordinate for each choice, and the largest one wins. Coordinates of inactive
//   parameters take part.
// - Workers: samples are drawn from the present distribution whenever a worker asks; the first lambda that
// end make a
//   generation. One that was drawn from an older distribution counts with its place relative to the present
//   mean, shortened if it lies improbably far (injection: Hansen 2011, "Injecting External Solutions Into
//   CMA-ES", eq. 4). Fresh samples are shortened alike, which meets one of 100 in ten dimensions and one of 11 in
//   one. When the search begins anew, what still runs is forgotten.
// - Failed candidates rank last; a generation that failed as a whole begins the search anew elsewhere.
// - Restarts (Auger and Hansen 2005, IPOP): twice the population when the distribution has collapsed, when
// its losses have
//   not differed for long, or when it has grown beyond the cube.

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

enum class Restarts : std::uint8_t { ipop, none };
constexpr std::array<std::string_view, 2> kRestartsNames = {"ipop", "none"};
/// More coordinates than this make an eigendecomposition slower than any evaluation that it saves.
constexpr std::size_t kMostCoordinates = 300;

// Sums run in plain loops, for Eigen's products and its eigensolver round differently when another compiler
// builds them.

double squared_norm(const Eigen::VectorXd& x) {
  double sum = 0.0;
  for (Eigen::Index i = 0; i < x.size(); ++i) sum += x[i] * x[i];
  return sum;
}

/// A x
Eigen::VectorXd product(const Eigen::MatrixXd& a, const Eigen::VectorXd& x) {
  Eigen::VectorXd result = Eigen::VectorXd::Zero(a.rows());
  for (Eigen::Index j = 0; j < a.cols(); ++j)
    for (Eigen::Index i = 0; i < a.rows(); ++i) result[i] += a(i, j) * x[j];
  return result;
}

/// A^T x
Eigen::VectorXd transposed_product(const Eigen::MatrixXd& a, const Eigen::VectorXd& x) {
  Eigen::VectorXd result(a.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    double sum = 0.0;
    for (Eigen::Index i = 0; i < a.rows(); ++i) sum += a(i, j) * x[i];
    result[j] = sum;
  }
  return result;
}

/// A += factor x x^T
void add_outer(Eigen::MatrixXd& a, double factor, const Eigen::VectorXd& x) {
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    const double scaled = factor * x[j];
    for (Eigen::Index i = 0; i < a.rows(); ++i) a(i, j) += scaled * x[i];
  }
}

/// V^T A V
Eigen::MatrixXd in_basis(const Eigen::MatrixXd& a, const Eigen::MatrixXd& vectors) {
  Eigen::MatrixXd result(a.rows(), a.cols());
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    const Eigen::VectorXd column = product(a, vectors.col(j));
    result.col(j) = transposed_product(vectors, column);
  }
  return result;
}

/// The rotation by which Jacobi's method makes a(p, q) zero; applied to a on both sides, and to the vectors.
void rotate(Eigen::MatrixXd& a, Eigen::MatrixXd& vectors, Eigen::Index p, Eigen::Index q) {
  const double theta = (a(q, q) - a(p, p)) / (2.0 * a(p, q));
  const double t = (theta >= 0.0 ? 1.0 : -1.0) / (std::abs(theta) + std::sqrt(theta * theta + 1.0));
  const double c = 1.0 / std::sqrt(t * t + 1.0);
  const double s = t * c;
  const auto mix = [c, s, n = a.rows()](double* x, double* y) {
    for (Eigen::Index k = 0; k < n; ++k) {
      const double old = x[k];
      x[k] = c * old - s * y[k];
      y[k] = s * old + c * y[k];
    }
  };
  const double a_pq = a(p, q);
  const double a_pp = a(p, p) - t * a_pq;
  const double a_qq = a(q, q) + t * a_pq;
  mix(a.col(p).data(), a.col(q).data());
  a(p, p) = a_pp;
  a(q, q) = a_qq;
  a(p, q) = a(q, p) = 0.0;
  for (Eigen::Index k = 0; k < a.rows(); ++k) {  // rows as columns
    a(p, k) = a(k, p);
    a(q, k) = a(k, q);
  }
  mix(vectors.col(p).data(), vectors.col(q).data());
}

/// Eigenvalues (the diagonal of a, then) and eigenvectors (columns, multiplied on to those given) of a
/// symmetric matrix by cyclic Jacobi rotations: Golub and Van Loan, Matrix Computations, section 8.5. Returns
/// the number of sweeps.
int diagonalise(Eigen::MatrixXd& a, Eigen::MatrixXd& vectors) {
  constexpr int kMostSweeps = 30;
  constexpr double kNothing = 1e-15;
  for (int sweep = 1; sweep <= kMostSweeps; ++sweep) {
    bool rotated = false;
    for (Eigen::Index p = 0; p < a.rows(); ++p)
      for (Eigen::Index q = p + 1; q < a.cols(); ++q) {
        if (a(p, q) * a(p, q) <= kNothing * kNothing * std::abs(a(p, p) * a(q, q))) continue;
        rotate(a, vectors, p, q);
        rotated = true;
      }
    if (!rotated) return sweep;
  }
  return kMostSweeps;
}

struct CmaEsSettings {
  std::optional<std::int64_t> population;  ///< lambda; none: 4 + floor(3 ln n), eq. 48
  double sigma = 0.3;                      ///< first step size, in parts of the range; tutorial, appendix A
  bool active = true;                      ///< negative weights for the worse half, eq. 53
  Restarts restarts = Restarts::ipop;

  void visit(SettingsVisitor& visitor) {
    visitor.optional_integer("population", population, Bounds::between(4, 1e5),
                             "candidates per generation; default: 4 + 3 ln(coordinates)");
    visitor.number("sigma", sigma, {0.0, 1.0, true},
                   "initial standard deviation, as a fraction of the range");
    visitor.flag("active", active, "active CMA: learn from the worse half of each generation too");
    visitor.choice("restarts", restarts, kRestartsNames,
                   "restart with twice the population after convergence (IPOP)");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
};

/// Where the parameters stand among the coordinates.
struct Layout {
  explicit Layout(const SearchSpace& space) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      const auto values = cardinality(space[i].domain);
      const bool categorical = is_categorical(space[i].domain);
      first.push_back(coordinates);
      coordinates += categorical ? static_cast<std::size_t>(*values) : 1;
      const double cell = values && !categorical ? 1.0 / static_cast<double>(*values) : 0.0;
      least_deviation.resize(coordinates, categorical ? kCategoricalDeviation : cell / 5.0);
    }
  }
  /// Of a categorical's coordinates, so that no choice is lost for good.
  static constexpr double kCategoricalDeviation = 0.05;

  std::vector<std::size_t> first;  // of each parameter
  std::vector<double> least_deviation;
  std::size_t coordinates = 0;
};

class CmaEs final : public Strategy {
 public:
  CmaEs(const CmaEsSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        layout_(context.space),
        n_(static_cast<Eigen::Index>(layout_.coordinates)) {
    const double dimension = static_cast<double>(n_);
    set_population(settings.population ? static_cast<std::size_t>(*settings.population)
                                       : 4 + static_cast<std::size_t>(std::floor(3.0 * std::log(dimension))));
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (m_.size() == 0) begin(random);
    decompose();
    Eigen::VectorXd z(n_);
    for (Eigen::Index i = 0; i < n_; ++i) z[i] = random.normal();
    // Eqs. 38 to 40: x = m + sigma B D z.
    const Eigen::VectorXd x = m_ + sigma_ * product(b_, d_.cwiseProduct(z));
    operations_ += 2.0 * static_cast<double>(n_ * n_);
    pending_.insert_or_assign(id, x);
    return Proposal{.configuration = configuration_of(x), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    const bool usable = trial.completed() && !std::isnan(trial.loss());
    generation_.push_back({found->second, usable ? trial.loss() : kFailed, trial.id});
    pending_.erase(found);
    if (generation_.size() == lambda_) update();
  }

  [[nodiscard]] Work computed() const override { return operations_ * flop; }

 private:
  static constexpr std::int64_t kDecompositionsOfABasis = 50;
  static constexpr double kFailed = std::numeric_limits<double>::infinity();
  struct Sample {
    Eigen::VectorXd x;
    double loss;
    TrialId id;
  };

  // Table 1 of the tutorial: eqs. 49 to 58.
  void set_population(std::size_t lambda) {
    lambda_ = lambda;
    mu_ = lambda / 2;
    const double n = static_cast<double>(n_);
    weights_.resize(lambda);
    for (std::size_t i = 0; i < lambda; ++i)
      weights_[i] =
          std::log((static_cast<double>(lambda) + 1.0) / 2.0) - std::log(static_cast<double>(i + 1));
    double positive = 0.0, negative = 0.0, positive_squares = 0.0, negative_squares = 0.0;
    for (std::size_t i = 0; i < lambda; ++i) {
      (i < mu_ ? positive : negative) += weights_[i];
      (i < mu_ ? positive_squares : negative_squares) += weights_[i] * weights_[i];
    }
    mu_eff_ = positive * positive / positive_squares;
    const double mu_eff_minus = negative_squares > 0.0 ? negative * negative / negative_squares : 0.0;
    c_sigma_ = (mu_eff_ + 2.0) / (n + mu_eff_ + 5.0);
    d_sigma_ = 1.0 + 2.0 * std::max(0.0, std::sqrt((mu_eff_ - 1.0) / (n + 1.0)) - 1.0) + c_sigma_;
    c_c_ = (4.0 + mu_eff_ / n) / (n + 4.0 + 2.0 * mu_eff_ / n);
    c_1_ = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff_);
    c_mu_ = std::min(1.0 - c_1_,
                     2.0 * (0.25 + mu_eff_ + 1.0 / mu_eff_ - 2.0) / ((n + 2.0) * (n + 2.0) + mu_eff_));
    const double alpha = std::min(
        {1.0 + c_1_ / c_mu_, 1.0 + 2.0 * mu_eff_minus / (mu_eff_ + 2.0), (1.0 - c_1_ - c_mu_) / (n * c_mu_)});
    weight_sum_ = 0.0;
    for (std::size_t i = 0; i < lambda; ++i) {
      const double negative_part = settings_.active && negative < 0.0 ? alpha * weights_[i] / -negative : 0.0;
      weights_[i] = i < mu_ ? weights_[i] / positive : std::min(0.0, negative_part);
      weight_sum_ += weights_[i];
    }
    chi_n_ = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
  }

  void begin(Random& random) {
    m_.resize(n_);
    for (Eigen::Index i = 0; i < n_; ++i) m_[i] = random.uniform();
    sigma_ = settings_.sigma;
    c_ = Eigen::MatrixXd::Identity(n_, n_);
    b_ = c_;
    d_ = Eigen::VectorXd::Ones(n_);
    p_sigma_ = Eigen::VectorXd::Zero(n_);
    p_c_ = p_sigma_;
    generations_ = 0;
    decomposed_ = 0;
    flat_generations_ = 0;
  }

  // Section B.2: C changes little from one generation to the next.
  void decompose() {
    const double n = static_cast<double>(n_);
    const double patience = 1.0 / ((c_1_ + c_mu_) * n * 10.0);
    if (generations_ == decomposed_ || static_cast<double>(generations_ - decomposed_) < patience) return;
    decomposed_ = generations_;
    // In the last basis C is nearly diagonal already. Round-off bends the basis, so at times it begins anew.
    const bool anew = decompositions_++ % kDecompositionsOfABasis == 0;
    if (anew) b_.setIdentity(n_, n_);
    Eigen::MatrixXd diagonal = anew ? c_ : in_basis(c_, b_);
    operations_ += 4.0 * n * n * n;
    operations_ += 9.0 * n * n * n * static_cast<double>(diagonalise(diagonal, b_));
    for (Eigen::Index i = 0; i < n_; ++i) d_[i] = std::sqrt(std::max(diagonal(i, i), 1e-30));
  }

  [[nodiscard]] Configuration configuration_of(const Eigen::VectorXd& x) const {
    Configuration configuration(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!space_.should_be_active(i, configuration)) continue;
      const auto first = static_cast<Eigen::Index>(layout_.first[i]);
      if (!is_categorical(space_[i].domain)) {
        configuration.set(i, from_unit(space_[i].domain, reflected(x[first])));
        continue;
      }
      const auto choices = static_cast<Eigen::Index>(*cardinality(space_[i].domain));
      Eigen::Index best = 0;
      for (Eigen::Index choice = 1; choice < choices; ++choice)
        if (reflected(x[first + choice]) > reflected(x[first + best])) best = choice;
      configuration.set(i, static_cast<double>(best));
    }
    return configuration;
  }

  void update() {
    std::ranges::sort(generation_, [](const Sample& a, const Sample& b) {
      return a.loss != b.loss ? a.loss < b.loss : a.id < b.id;
    });
    if (generation_.front().loss == kFailed) {
      leave();
      return;
    }
    const bool flat = !(generation_[mu_ - 1].loss > generation_.front().loss);
    flat_generations_ = flat ? flat_generations_ + 1 : 0;
    step();
    generation_.clear();
    if (settings_.restarts == Restarts::ipop && has_converged()) {
      set_population(2 * lambda_);
      leave();
    }
  }

  // The next ask begins elsewhere. What still runs was drawn from the distribution that is given up.
  void leave() {
    m_.resize(0);
    generation_.clear();
    pending_.clear();
  }

  // C^(-1/2) y
  [[nodiscard]] Eigen::VectorXd whitened(const Eigen::VectorXd& y) const {
    return product(b_, transposed_product(b_, y).cwiseQuotient(d_));
  }

  void step() {
    const double n = static_cast<double>(n_);
    std::vector<Eigen::VectorXd> y(lambda_);
    std::vector<double> length(lambda_);
    const double longest = std::sqrt(n) + 2.0 * n / (n + 2.0);
    for (std::size_t i = 0; i < lambda_; ++i) {
      y[i] = (generation_[i].x - m_) / sigma_;
      length[i] = std::sqrt(squared_norm(whitened(y[i])));
      if (length[i] <= longest) continue;
      y[i] *= longest / length[i];
      length[i] = longest;
    }
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(n_);
    for (std::size_t i = 0; i < mu_; ++i) mean += weights_[i] * y[i];
    m_ += sigma_ * mean;  // eqs. 41, 42
    ++generations_;
    p_sigma_ = (1.0 - c_sigma_) * p_sigma_ +
               std::sqrt(c_sigma_ * (2.0 - c_sigma_) * mu_eff_) * whitened(mean);  // 43
    const double decay = 1.0 - std::pow(1.0 - c_sigma_, 2.0 * static_cast<double>(generations_));
    const double path = std::sqrt(squared_norm(p_sigma_));
    const bool h_sigma = path / std::sqrt(decay) < (1.4 + 2.0 / (n + 1.0)) * chi_n_;
    p_c_ = (1.0 - c_c_) * p_c_;  // 45
    if (h_sigma) p_c_ += std::sqrt(c_c_ * (2.0 - c_c_) * mu_eff_) * mean;
    const double delta = h_sigma ? 0.0 : c_c_ * (2.0 - c_c_);
    c_ *= 1.0 + c_1_ * delta - c_1_ - c_mu_ * weight_sum_;  // 47
    add_outer(c_, c_1_, p_c_);
    for (std::size_t i = 0; i < lambda_; ++i) {
      // 46: a long step must not shrink the distribution more than a short one.
      const double w =
          weights_[i] >= 0.0 ? weights_[i] : weights_[i] * n / std::max(length[i] * length[i], 1e-300);
      if (w != 0.0) add_outer(c_, c_mu_ * w, y[i]);
    }
    sigma_ *= std::exp(std::min(1.0, c_sigma_ / d_sigma_ * (path / chi_n_ - 1.0)));  // 44
    operations_ += static_cast<double>(lambda_) * 6.0 * n * n;
    keep_deviations();
  }

  void keep_deviations() {
    for (Eigen::Index i = 0; i < n_; ++i) {
      const double least = layout_.least_deviation[static_cast<std::size_t>(i)] / sigma_;
      c_(i, i) = std::max(c_(i, i), least * least);
    }
  }

  // Section B.3 of the tutorial.
  [[nodiscard]] bool has_converged() const {
    const double widest = sigma_ * std::sqrt(c_.diagonal().maxCoeff());
    const double n = static_cast<double>(n_);
    const double condition = d_.maxCoeff() / d_.minCoeff();
    return widest < 1e-12 || widest > 10.0 || condition > 1e7 ||
           flat_generations_ > 10 + static_cast<int>(std::ceil(30.0 * n / static_cast<double>(lambda_)));
  }

  CmaEsSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  Layout layout_;
  Eigen::Index n_;

  std::size_t lambda_ = 0;
  std::size_t mu_ = 0;
  std::vector<double> weights_;
  double weight_sum_ = 0.0;
  double mu_eff_ = 0.0, c_sigma_ = 0.0, d_sigma_ = 0.0, c_c_ = 0.0, c_1_ = 0.0, c_mu_ = 0.0;
  double chi_n_ = 0.0;  // expectation of the length of a standard normal vector

  Eigen::VectorXd m_;  // empty: the next ask begins anew
  double sigma_ = 0.0;
  Eigen::MatrixXd c_;
  Eigen::MatrixXd b_;
  Eigen::VectorXd d_;
  Eigen::VectorXd p_sigma_;
  Eigen::VectorXd p_c_;
  std::int64_t generations_ = 0;
  std::int64_t decomposed_ = 0;
  std::int64_t decompositions_ = 0;
  int flat_generations_ = 0;
  std::vector<Sample> generation_;
  std::map<TrialId, Eigen::VectorXd> pending_;
  double operations_ = 0.0;
};

std::optional<std::string> CmaEsSettings::refuses(const StrategyContext& context) const {
  const std::size_t coordinates = Layout(context.space).coordinates;
  if (coordinates <= kMostCoordinates) return std::nullopt;
  return "it would need " + std::to_string(coordinates) +
         " coordinates (one per number, one per category); the limit is " + std::to_string(kMostCoordinates);
}

}  // namespace

std::unique_ptr<StrategyRecipe> make_cma_es_recipe() {
  return std::make_unique<BasicStrategyRecipe<CmaEsSettings, CmaEs>>();
}

}  // namespace tonne
