// tonne submit: an experiment's shards as jobs of a cluster.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <system_error>

#include "core/error.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/cluster/shard_progress.h"
#include "experiments/cluster/slurm_job.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/earlier_results.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"
#include "experiments/text/number_ranges.h"

namespace tonne::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUsualArray = 1001;  // MaxArraySize where a site has not set it (slurm.conf)

struct Output {
  int exit_code = 0;
  std::string text;  // of stdout
};

// Runs a command; what it says on stderr stays there.
Output output_of(const std::vector<std::string>& words) {
  std::fflush(nullptr);
  std::FILE* const pipe = ::popen(shell_command(words).c_str(), "r");
  if (pipe == nullptr) throw StoreError(words.front() + ": cannot be started");
  Output output;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.text.append(buffer.data(), size);
  const int status = ::pclose(pipe);
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return output;
}

// Of a job that sbatch takes: "123", or "123;cluster".
std::string submitted(const std::vector<std::string>& command, const std::vector<std::string>& before) {
  const Output output = output_of(command);
  const std::string job = output.text.substr(0, output.text.find_first_not_of("0123456789"));
  if (output.exit_code == 0 && !job.empty()) return job;
  std::string earlier;
  for (const std::string& id : before) earlier += " " + id;
  throw StoreError(fmt::format(
      "sbatch failed (exit code {}){}", output.exit_code,
      earlier.empty()
          ? std::string(": nothing was submitted")
          : fmt::format("; submitted before it, and still there: {0} (scancel{0})", earlier.substr(1))));
}

std::size_t largest_array(const SubmitArguments& arguments) {
  if (arguments.largest_array) return *arguments.largest_array;
  if (arguments.only_print) return kUsualArray;
  const auto said = largest_array_in(output_of({"scontrol", "show", "config"}).text);
  return std::max<std::size_t>(2, said.value_or(kUsualArray));
}

SlurmRequest request_of(const SubmitArguments& arguments, const Experiment& experiment) {
  SlurmRequest request;
  request.program = fs::read_symlink("/proc/self/exe");
  request.working = fs::current_path();
  request.experiment = arguments.experiment;
  request.out = arguments.out.empty() ? fs::path("results") / experiment.name : arguments.out;
  if (request.out.filename().empty()) request.out = request.out.parent_path();
  request.name = experiment.name;
  request.tasks = arguments.tasks;
  request.at_once = arguments.at_once;
  request.largest_array = largest_array(arguments);
  request.attempts_left = arguments.attempts_left.value_or(arguments.retries + 1);
  request.allow_external = arguments.allow_external;
  request.flags = arguments.flags;
  request.changes = option_words(arguments.changes);
  return request;
}

// A folder that another experiment or another way of dealing has filled would be refused by every task.
void check_shard(const fs::path& folder, const Experiment& experiment, const ShardProgress& progress,
                 const Shard& expected) {
  if (progress.shard.number != expected.number || progress.shard.of != expected.of)
    throw StoreError(
        fmt::format("{}: holds shard {}/{}", folder.string(), progress.shard.number, progress.shard.of));
  if (Store::open(folder).meta("digest") != experiment.digest)
    throw StoreError(folder.string() + ": belongs to another experiment: choose another --out");
}

// The shards that are not whole, by number. While they may be running, nothing may be submitted by hand.
std::vector<std::size_t> missing_shards(const SlurmRequest& request, const Experiment& experiment,
                                        bool by_hand) {
  std::vector<std::size_t> missing;
  for (std::size_t number = 1; number <= request.tasks; ++number) {
    const fs::path folder = shard_folder(request.out, number, request.tasks);
    const ShardProgress progress = progress_of(folder);
    if (by_hand && progress.state == ShardState::running)
      throw StoreError(
          fmt::format("{}: was written to {:.0f} s ago: its job is running, or ended a minute ago at most. "
                      "Wait for it, or end it with scancel",
                      folder.string(), progress.silent_s));
    const bool readable = progress.state == ShardState::stopped || progress.state == ShardState::whole;
    if (readable) check_shard(folder, experiment, progress, {number, request.tasks});
    if (progress.state != ShardState::whole) missing.push_back(number);
  }
  return missing;
}

void print_only(const SlurmRequest& request, const std::vector<SlurmArray>& arrays, bool asked) {
  const fs::path folder = slurm_folder(request.out);
  print(fmt::format("# {}\n{}\n# {}\n{}\n", (folder / "shard.sh").string(), shard_script(request),
                    (folder / "merge.sh").string(), follow_up_script(request)));
  print(fmt::format("# MaxArraySize {}: {}\n", request.largest_array,
                    asked ? "--max-array" : "Slurm's own default (tonne submit asks scontrol)"));
  std::vector<std::string> jobs;
  for (const SlurmArray& array : arrays) {
    print(shell_command(array_command(request, array)) + "\n");
    jobs.push_back(fmt::format("JOB{}", jobs.size() + 1));
  }
  print(shell_command(follow_up_command(request, jobs)) + "\n");
}

void write_script(const fs::path& file, const std::string& text) {
  NewFile script(file);
  script.write(text);
  script.commit();
}

void submit_arrays(const SlurmRequest& request, const std::vector<SlurmArray>& arrays,
                   const std::vector<std::size_t>& missing) {
  const fs::path folder = slurm_folder(request.out);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw StoreError(folder.string() + ": cannot be made: " + error.message());
  write_script(folder / "shard.sh", shard_script(request));
  write_script(folder / "merge.sh", follow_up_script(request));
  std::vector<std::string> jobs;
  for (const SlurmArray& array : arrays) jobs.push_back(submitted(array_command(request, array), jobs));
  const std::string follow_up = submitted(follow_up_command(request, jobs), jobs);
  std::string arrays_text;
  for (const std::string& job : jobs) arrays_text += (arrays_text.empty() ? "" : ", ") + job;
  print(fmt::format("Submitted shards {} of {} as job {}, and job {} after it, which joins them in {}.\n",
                    number_ranges(missing), request.tasks, arrays_text, follow_up, request.out.string()));
  print(fmt::format("How far they are: tonne watch {}\n", request.out.string()));
}

int join_shards(const SlurmRequest& request) {
  MergeArguments arguments;
  for (std::size_t number = 1; number <= request.tasks; ++number)
    arguments.shards.push_back(shard_folder(request.out, number, request.tasks));
  arguments.out = request.out;
  return merge(arguments);
}

void check_request(const SubmitArguments& arguments, const Experiment& experiment, const fs::path& out) {
  check_flags(arguments.flags);
  check_commands(experiment, arguments.experiment, arguments.allow_external);
  show_commands(experiment);
  if (arguments.tasks > experiment.cells())
    throw InputError(fmt::format("--tasks: {} tasks for {} cells: a task has one cell at least",
                                 arguments.tasks, experiment.cells()));
  if (fs::exists(out / Store::kFileName))
    throw StoreError((out / Store::kFileName).string() + " exists already: choose another --out");
}

}  // namespace

int submit(const SubmitArguments& arguments) {
  const Experiment experiment = read_experiment(arguments.experiment, read_earlier_results, arguments.changes);
  const SlurmRequest request = request_of(arguments, experiment);
  check_request(arguments, experiment, request.out);
  const auto missing = missing_shards(request, experiment, !arguments.attempts_left && !arguments.only_print);
  if (missing.empty() && !arguments.only_print) return join_shards(request);
  const std::vector<SlurmArray> arrays = slurm_arrays(missing, request.largest_array, request.at_once);
  if (arguments.only_print) {
    print_only(request, arrays, arguments.largest_array.has_value());
    return kSuccess;
  }
  if (request.attempts_left == 0)
    throw StoreError(
        fmt::format("shards {} of {} are not whole after the last attempt: see the logs in {}; the same "
                    "tonne submit goes on",
                    number_ranges(missing), request.tasks, slurm_folder(request.out).string()));
  submit_arrays(request, arrays, missing);
  return kSuccess;
}

}  // namespace tonne::cli
