#include "core/problem.h"

namespace tonne {

const char* to_string(Failure failure) {
  switch (failure) {
    case Failure::diverged:
      return "diverged";
    case Failure::out_of_memory:
      return "out_of_memory";
    case Failure::invalid:
      return "invalid";
    case Failure::infeasible:
      return "infeasible";
  }
  return "unknown";
}

}  // namespace tonne
