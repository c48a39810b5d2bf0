// The `tonne` program.

#include "experiments/cli/program.h"

int main(int argc, char** argv) { return tonne::cli::program(argc, argv); }
