#pragma once
// Reads `warm_start` of an experiment file.

#include "experiments/plan/warm_start.h"

namespace tonne {

struct Experiment;
class SettingsReader;
class YamlNode;
struct YamlSource;

/// Reads `warm_start` of the file, where it has that key, into `experiment`, whose problems and seeds are
/// known. Throws InputError.
void read_warm_start(SettingsReader& top, const YamlNode& root, const YamlSource& source,
                     const EarlierReader& reader, Experiment& experiment);

/// Which strategies of the checked experiment learn from the earlier results: those that refuse to search
/// without. Throws InputError where none does. Adds to each problem's notes who does.
void find_learners(const YamlNode& root, const YamlSource& source, Experiment& experiment);

}  // namespace tonne
