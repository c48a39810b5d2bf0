#pragma once
// What a running search has been answered by a costly strategy, in a file beside the store, so that a killed
// search goes on.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/search_space.h"
#include "core/trial.h"

namespace tonne {

/// One ask and its answer.
struct AnsweredAsk {
  TrialId id = 0;
  Proposal proposal;         ///< configuration and fidelity; the rest is not kept
  std::vector<double> left;  ///< of Replayable::left_by_ask()
};

/// The file of one cell. A killed process leaves whole records and at most a torn one, which is cut off.
/// Nothing of it enters the store. Throws StoreError where the file cannot be read or written.
class AskJournal {
 public:
  /// `key` tells what the answers are of (experiment, program, cell): a file with another one is none.
  AskJournal(std::filesystem::path file, std::uint64_t key);
  /// What was not written yet is.
  ~AskJournal();
  AskJournal(const AskJournal&) = delete;
  AskJournal& operator=(const AskJournal&) = delete;

  /// The answers of an earlier run, up to the first that is damaged, leaves another count of numbers, or does
  /// not lie in the space; what follows it is cut off, and a file without any is removed. To be called once,
  /// before append().
  [[nodiscard]] std::vector<AnsweredAsk> read(const SearchSpace& space, std::size_t numbers);
  /// Goes into the file with the next write().
  void append(const AnsweredAsk& ask);
  void write();
  /// Removes the file and forgets what was not written; nothing is written from here on.
  void remove();

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  [[nodiscard]] std::string read_whole() const;
  void open();
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path file_;
  std::uint64_t key_;
  std::uint64_t chain_;  // hash of the last record: each names the one before it
  std::string unwritten_;
  int descriptor_ = -1;
  bool removed_ = false;
};

/// Where the journal of a cell stands in a results folder: "cell-17.asks".
[[nodiscard]] std::filesystem::path ask_journal_file(const std::filesystem::path& folder, std::size_t cell);
/// Removes journals of finished cells (a process may be killed between a search's end and the removal of its
/// journal), and of cells that are not among these.
void remove_ask_journals(const std::filesystem::path& folder, const std::vector<bool>& finished);

}  // namespace tonne
