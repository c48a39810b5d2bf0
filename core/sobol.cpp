#include "core/sobol.h"

#include <boost/random/sobol.hpp>

namespace tonne {

struct SobolSequence::Engine {
  boost::random::sobol sequence;
};

SobolSequence::SobolSequence(std::size_t dimensions)
    : engine_(std::make_unique<Engine>(boost::random::sobol(dimensions))) {}
SobolSequence::SobolSequence(SobolSequence&&) noexcept = default;
SobolSequence& SobolSequence::operator=(SobolSequence&&) noexcept = default;
SobolSequence::~SobolSequence() = default;

std::uint64_t SobolSequence::next() { return engine_->sequence(); }

}  // namespace tonne
