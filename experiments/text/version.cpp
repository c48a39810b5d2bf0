#include "experiments/text/version.h"

namespace tonne {

const char* version() { return TONNE_VERSION; }

}  // namespace tonne
