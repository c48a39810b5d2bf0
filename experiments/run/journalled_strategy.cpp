#include "experiments/run/journalled_strategy.h"

#include "experiments/results/records.h"

namespace tonne {
namespace {

// What a kill may cost, beside the ask that it hits. Short searches never write.
constexpr double kWriteEverySeconds = 0.2;

// Whether it is a configuration and a fidelity, and nothing else.
bool is_plain(const Proposal& proposal) {
  const Proposal plain{.configuration = {}, .fidelity = proposal.fidelity};
  return proposal.resumes == plain.resumes && proposal.inherits == plain.inherits &&
         proposal.not_before == plain.not_before && proposal.screening == plain.screening &&
         proposal.site == plain.site;
}

}  // namespace

JournalledStrategy::JournalledStrategy(Strategy& inner, Replayable& replayable, const SearchSpace& space,
                                       AskJournal& journal)
    : inner_(inner),
      replayable_(replayable),
      journal_(journal),
      recorded_(journal.read(space, replayable.left_by_ask(0).size())) {}

std::optional<Proposal> JournalledStrategy::ask(TrialId id, Random random) {
  if (replayed_ < recorded_.size()) {
    const AnsweredAsk& ask = recorded_[replayed_++];
    if (ask.id != id) {
      journal_.remove();
      throw StoreError(journal_.file().string() + ": held the answers of another search, and was removed");
    }
    replayable_.replay(id, random, ask.proposal, ask.left);
    return ask.proposal;
  }
  const auto proposal = inner_.ask(id, random);
  if (keeps_) keep(id, proposal);
  return proposal;
}

// An answer that the journal has no place for ends it.
void JournalledStrategy::keep(TrialId id, const std::optional<Proposal>& proposal) {
  if (!proposal || !is_plain(*proposal)) {
    keeps_ = false;
    return journal_.remove();
  }
  journal_.append({id, *proposal, replayable_.left_by_ask(id)});
  const double now_s = watch_.seconds();
  if (now_s - written_at_s_ < kWriteEverySeconds) return;
  written_at_s_ = now_s;
  journal_.write();
}

}  // namespace tonne
