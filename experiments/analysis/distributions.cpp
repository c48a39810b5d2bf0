#include "experiments/analysis/distributions.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace tonne {

double t_quantile(double degrees, double p) { return quantile(boost::math::students_t(degrees), p); }

double chi_squared_tail(double degrees, double x) { return cdf(complement(boost::math::chi_squared(degrees), x)); }

double f_tail(double numerator_degrees, double denominator_degrees, double x) {
  return cdf(complement(boost::math::fisher_f(numerator_degrees, denominator_degrees), x));
}

}  // namespace tonne
