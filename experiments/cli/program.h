#pragma once
// The whole program as a function, for programs that add strategies or problems of their own (search/catalogue.h).

namespace tonne::cli {

/// Reads the command line, runs a command, tells every failure in one sentence on stderr; returns the exit code. To be called
/// once, from main: it occupies closed standard streams and ignores SIGXFSZ.
int program(int argc, char** argv);

}  // namespace tonne::cli
