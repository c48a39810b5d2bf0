#include "experiments/text/version.h"

namespace tonne {

const char* version() { return TONNE_VERSION; }
const char* version_date() { return "2026-12-01"; }

}  // namespace tonne
