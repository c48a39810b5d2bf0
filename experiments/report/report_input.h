#pragma once
// What a report is computed from, read from one results folder or joined from several.

#include <string>
#include <vector>

#include "experiments/analysis/anytime.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/drawn_costs.h"
#include "experiments/analysis/findings.h"
#include "experiments/analysis/trial_digest.h"

namespace tonne {

class Store;

struct ReportInput {
  std::string name, digest, experiment;  ///< of the experiment: its name, digest and file
  std::string statement;  ///< for a paper's appendix; empty of several
  std::size_t planned = 0;               ///< searches of the experiment; 0 of several
  bool uncertain = false;                ///< some figures are distributions
  std::vector<Board> boards;
  std::vector<BoardCurves> curves;   ///< beside boards
  std::vector<TrialDigest> digests;  ///< likewise
  std::vector<BoardFindings> findings;  ///< likewise
  std::vector<DrawnCosts> draws;        ///< likewise; empty where no figure is uncertain, and of several
  std::vector<std::string> notes;    ///< what a reader of a joined report must know
};

/// Throws StoreError when the store is damaged or holds no finished search.
[[nodiscard]] ReportInput read_report_input(const Store& store);

/// A results folder by the name that messages and tables call it.
struct NamedInput {
  std::string name;
  ReportInput input;
};
/// The searches of all on the boards that they share: a board of the first and, of each other one, that of
/// the same problem, of the same scenario label where there are several. A strategy whose label stands in
/// several folders gets the folder's name behind it. Throws InputError, which says why, when one of them
/// shares no board with the first or a pair of boards is not comparable (comparable.h). At least two.
[[nodiscard]] ReportInput join_inputs(std::vector<NamedInput> inputs);

}  // namespace tonne
