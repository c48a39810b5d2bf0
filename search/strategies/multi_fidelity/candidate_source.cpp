#include "search/strategies/multi_fidelity/candidate_source.h"

#include <cmath>

namespace tonne {

std::optional<Proposal> CandidateSource::ask(TrialId id, Random random) {
  looks_.erase(id);  // asked again: the look was turned down
  auto proposal = inner_->ask(id, random);
  for (std::uint64_t again = 0; again < kMostRepeats && is_repeat(proposal); ++again)
    proposal = inner_->ask(id, random.child("again").child(again));
  if (!proposal) return proposal;
  if (proposal->screening) {
    looks_.insert(id);
  } else if (!repeats_) {
    proposed_.insert(proposal->configuration.digest());
  }
  return proposal;
}

bool CandidateSource::is_repeat(const std::optional<Proposal>& proposal) const {
  if (repeats_ || !proposal || proposal->screening) return false;
  const bool exhausted = cardinality_ && static_cast<double>(proposed_.size()) >= *cardinality_;
  return !exhausted && proposed_.contains(proposal->configuration.digest());
}

bool CandidateSource::take_look(const Trial& trial) {
  if (!looks_.erase(trial.id)) return false;
  inner_->tell(trial);
  return true;
}

void CandidateSource::tell(TrialId candidate, const Trial& trial) {
  const bool first = trial.id == candidate;
  const bool learns = inner_->learns_from_reports();
  if (!first && !learns) return;
  Trial own = trial;
  own.id = candidate;
  own.proposal.resumes = std::nullopt;
  const bool goes_on = trial.completed() && !std::isnan(trial.loss()) && trial.proposal.fidelity < full_;
  if (learns && goes_on) return inner_->report(own);
  own.proposal.fidelity = full_;
  inner_->tell(own);
}

}  // namespace tonne
