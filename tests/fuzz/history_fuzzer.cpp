// Whatever stands in a file of a real search, the reader answers with a history whose trials lie in its
// space, or an InputError. The first byte chooses the format and a beginning, so that each reader is reached.
// SQLite files are left out: SQLite opens no file in memory, and has been fuzzed by others.

#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>

#include "core/error.h"
#include "experiments/histories/readers.h"
#include "tests/fuzz/fuzz_file.h"

namespace {

using tonne::histories::Format;

struct Beginning {
  Format format;
  const char* text;
};

constexpr Beginning kBeginnings[] = {
    {Format::optuna, ""},
    {Format::optuna,
     "{\"op_code\":0,\"worker_id\":\"w\",\"study_name\":\"s\",\"directions\":[1]}\n"
     "{\"op_code\":4,\"worker_id\":\"w\",\"study_id\":0,\"datetime_start\":\"2024-07-01T10:00:00\"}\n"
     "{\"op_code\":4,\"worker_id\":\"w\",\"study_id\":0,\"datetime_start\":\"2024-07-01T10:00:00\"}\n"},
    {Format::csv, ""},
    {Format::csv, "trial,epoch,lr,model,loss,duration,state\n0,1,0.1,svm,1,10,ok\n"},
    {Format::syne_tune,
     "loss,epoch,st_worker_timestamp,st_worker_time,trial_id,st_decision,st_status,config_lr\n"},
    {Format::wandb, "Name,State,Created,Runtime,lr,val/loss\n"},
    {Format::mlflow, "run_id,status,artifact_uri,start_time,end_time,metrics.loss,params.lr\n"},
};

void check(const tonne::histories::History& history) {
  if (history.objectives.empty()) std::abort();
  for (const auto& trial : history.trials) {
    if (!history.space.contains(trial.configuration)) std::abort();
    if (!trial.values.empty() && trial.values.size() != history.objectives.size()) std::abort();
    if (trial.start_s && trial.end_s && *trial.end_s < *trial.start_s) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Beginning& beginning = kBeginnings[data[0] % std::size(kBeginnings)];
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const tonne::fuzz::MemoryFile file(beginning.text + rest);
  try {
    static_cast<void>(tonne::histories::format_of(file.path()));
    for (const auto& history : tonne::histories::read_history(file.path(), beginning.format)) check(history);
  } catch (const tonne::InputError&) {
  }
  return 0;
}
