// tonne with a strategy of one's own beside the others: own_tonne run experiment.yaml

#include "core/recipe.h"
#include "experiments/cli/program.h"
#include "search/catalogue.h"

using namespace tonne;

struct ClimberSettings {
  double fresh = 0.1;
  void visit(SettingsVisitor& v) { v.number("fresh", fresh, Bounds::between(0.0, 1.0), "probability of a random candidate"); }
};

// Changes one parameter of the best candidate so far, or draws a new one.
class Climber final : public Strategy {
 public:
  Climber(const ClimberSettings& settings, const StrategyContext& context) : settings_(settings), context_(context) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    const bool fresh = !best_ || random.bernoulli(settings_.fresh);
    return Proposal{fresh ? context_.space.sample(random) : context_.space.mutate(*best_, random), context_.fidelity};
  }
  void tell(const Trial& trial) override {
    if (!trial.completed() || (best_ && !(trial.loss() < loss_))) return;
    best_ = trial.proposal.configuration;
    loss_ = trial.loss();
  }

 private:
  ClimberSettings settings_;
  StrategyContext context_;
  std::optional<Configuration> best_;
  double loss_ = 0.0;
};

std::unique_ptr<StrategyRecipe> make_climber() { return std::make_unique<BasicStrategyRecipe<ClimberSettings, Climber>>(); }

int main(int argc, char** argv) {
  add_to_catalogue({"climber", "changes one parameter of the best", "docs/own-strategy", make_climber});
  return cli::program(argc, argv);
}
