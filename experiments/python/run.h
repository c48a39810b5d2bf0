#pragma once
// Running an experiment within Python.

#include <filesystem>

namespace tonne {
struct Experiment;
}

namespace tonne::python {

/// Runs what a store in `folder` does not hold yet, on so many threads (0: all cores), and writes the files that `tonne run` writes;
/// false where it was stopped. To be called with the interpreter's lock, which others can have meanwhile. Throws InputError,
/// StoreError and, after Ctrl-C, KeyboardInterrupt: what was recorded is kept then, and `resume` goes on.
bool run_to_end(const Experiment& experiment, const std::filesystem::path& folder, unsigned threads, bool resume, bool csv);

}  // namespace tonne::python
