#include "experiments/cluster/shard_choice.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace tonne {
namespace {

// How a launcher numbers its tasks. any_base: an array's ids as its user chose them, where 0 stands for the
// last shard.
enum class Numbering : std::uint8_t { from_zero, from_one, any_base };

struct Launcher {
  const char* variable;
  Numbering numbering;
  const char* count;  // the variable that says surely how many tasks there are; empty: none does
  const char* none;   // a value that says that there are no such tasks
};

// Slurm's documentation (sbatch, srun: "output environment variables"), qsub(1) of Grid Engine, the PBS
// Professional and LSF references, Kubernetes "Indexed Job", Open MPI's and Hydra's process managers,
// parallel(1). SLURM_PROCID is set in batch scripts too, always 0: it is a rank only where srun says how many
// there are.
constexpr Launcher kLaunchers[] = {
    {"SLURM_ARRAY_TASK_ID", Numbering::any_base, "", ""},
    {"SGE_TASK_ID", Numbering::from_one, "", "undefined"},
    {"PBS_ARRAY_INDEX", Numbering::any_base, "", ""},
    {"PBS_ARRAYID", Numbering::any_base, "", ""},
    {"LSB_JOBINDEX", Numbering::from_one, "", "0"},
    {"JOB_COMPLETION_INDEX", Numbering::from_zero, "", ""},
    {"PARALLEL_SEQ", Numbering::from_one, "", ""},
    {"OMPI_COMM_WORLD_RANK", Numbering::from_zero, "OMPI_COMM_WORLD_SIZE", ""},
    {"PMI_RANK", Numbering::from_zero, "PMI_SIZE", ""},
    {"PMIX_RANK", Numbering::from_zero, "", ""},
    {"SLURM_PROCID", Numbering::from_zero, "SLURM_STEP_NUM_TASKS", ""},
};

bool is_rank(const Launcher& launcher) {
  return std::string_view(launcher.variable).ends_with("RANK") ||
         std::string_view(launcher.variable) == "SLURM_PROCID";
}

std::optional<std::size_t> whole_number(std::string_view text) {
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

const std::string* value_of(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr : &found->second;
}

// What one launcher says of this task.
struct Task {
  const Launcher* launcher;
  std::string value;  // of its variable
  std::size_t id = 0;
  std::optional<std::size_t> count;  // of all tasks
};

std::optional<std::size_t> count_of(const Launcher& launcher, const Environment& environment) {
  const std::string* text = value_of(environment, launcher.count);
  if (text == nullptr) return std::nullopt;
  const auto count = whole_number(*text);
  if (!count || *count == 0)
    throw InputError(
        fmt::format("--shard auto: {} is '{}', expected a count of tasks", launcher.count, printable(*text)));
  return count;
}

std::optional<Task> task_of(const Launcher& launcher, const Environment& environment) {
  const std::string* value = value_of(environment, launcher.variable);
  if (value == nullptr || *value == launcher.none) return std::nullopt;
  if (std::string_view(launcher.variable) == "SLURM_PROCID" &&
      value_of(environment, launcher.count) == nullptr)
    return std::nullopt;
  const auto id = whole_number(*value);
  if (!id)
    throw InputError(fmt::format("--shard auto: {} is '{}', expected a task's number", launcher.variable,
                                 printable(*value)));
  return Task{&launcher, *value, *id, count_of(launcher, environment)};
}

// A single rank says nothing beside an array or an index: every task of a Slurm array has SLURM_PROCID 0.
bool says_nothing(const Task& task, bool beside_others) {
  return beside_others && is_rank(*task.launcher) && task.id == 0 && task.count.value_or(1) == 1;
}

std::vector<Task> tasks_in(const Environment& environment) {
  std::vector<Task> tasks;
  for (const Launcher& launcher : kLaunchers)
    if (auto task = task_of(launcher, environment)) tasks.push_back(std::move(*task));
  const bool several = tasks.size() > 1;
  const std::vector<Task> all = tasks;
  std::erase_if(tasks, [&](const Task& task) { return says_nothing(task, several); });
  return tasks.empty() ? all : tasks;
}

std::size_t shard_number(const Task& task, std::size_t of) {
  const Numbering numbering = task.launcher->numbering;
  const std::size_t first = numbering == Numbering::from_one ? 1 : 0;
  const std::size_t last = numbering == Numbering::from_zero ? of - 1 : of;
  if (task.id < first || task.id > last)
    throw InputError(fmt::format("--shard: {} is {}, expected {} to {} for {} shards",
                                 task.launcher->variable, task.id, first, last, of));
  if (numbering == Numbering::from_zero) return task.id + 1;
  return task.id == 0 ? of : task.id;
}

// Ids 0 and n stand for the same shard of n: an array that has both would run it twice.
void check_array(const Task& task, std::size_t of, const Environment& environment) {
  if (std::string_view(task.launcher->variable) != "SLURM_ARRAY_TASK_ID") return;
  const std::string* const first = value_of(environment, "SLURM_ARRAY_TASK_MIN");
  const std::string* const last = value_of(environment, "SLURM_ARRAY_TASK_MAX");
  if (first == nullptr || last == nullptr || *first != "0" || whole_number(*last) != of) return;
  throw InputError(fmt::format("--shard auto/{0}: the array goes from 0 to {0}, which are {1} tasks for {0} shards: submit --array=1-{0}", of, of + 1));
}

// The shard that all of them mean. An array within which several ranks were started is refused: all would run
// the same.
Shard agreed_shard(const std::vector<Task>& tasks, std::size_t of) {
  const Task& first = tasks.front();
  const Shard shard{shard_number(first, of), of};
  for (const Task& task : tasks)
    if (shard_number(task, of) != shard.number || is_rank(*task.launcher) != is_rank(*first.launcher))
      throw InputError(
          fmt::format("--shard auto: {} ({}) and {} ({}) both number this task: unset one, or say which "
                      "shard, as in --shard 2/{}",
                      first.launcher->variable, first.id, task.launcher->variable, task.id, of));
  return shard;
}

[[noreturn]] void fail_without_launcher(const std::string& text) {
  std::string names;
  for (const Launcher& launcher : kLaunchers)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", launcher.variable);
  throw InputError(
      fmt::format("--shard {}: no launcher says which task this is (looked for {}, the last within srun "
                  "alone): say it, as in --shard 2/8",
                  text, names));
}

std::size_t agreed_count(const std::vector<Task>& tasks) {
  std::optional<std::size_t> agreed;
  for (const Task& task : tasks) {
    if (!task.count) continue;
    if (agreed && *agreed != *task.count)
      throw InputError(
          fmt::format("--shard auto: launchers disagree on the number of tasks ({} and {}): say it, as in "
                      "--shard auto/{}",
                      *agreed, *task.count, *agreed));
    agreed = task.count;
  }
  if (!agreed)
    throw InputError(
        fmt::format("--shard auto: {} says which task this is, but nothing says surely how many there are: "
                    "add their number, as in --shard auto/8",
                    tasks.front().launcher->variable));
  return *agreed;
}

bool is_count_of_shards(std::size_t of) {
  return of >= 1 && of <= kMostShards;
}

std::optional<Shard> written_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto number = whole_number(text.substr(0, slash));
  const auto of = whole_number(text.substr(slash + 1));
  if (!number || !of || !is_count_of_shards(*of) || *number < 1 || *number > *of) return std::nullopt;
  return Shard{*number, *of};
}

Shard automatic_shard(const std::string& text, const Environment& environment) {
  const std::vector<Task> tasks = tasks_in(environment);
  if (tasks.empty()) fail_without_launcher(text);
  const std::size_t of = text == "auto" ? agreed_count(tasks) : whole_number(text.substr(5)).value();
  if (!is_count_of_shards(of))
    throw InputError(
        fmt::format("--shard auto: {} tasks are too many, at most {} are allowed", of, kMostShards));
  for (const Task& task : tasks) check_array(task, of, environment);
  return agreed_shard(tasks, of);
}

bool is_automatic(std::string_view text) {
  if (text == "auto") return true;
  if (!text.starts_with("auto/")) return false;
  const auto of = whole_number(text.substr(5));
  return of && is_count_of_shards(*of);
}

}  // namespace

Shard choose_shard(const std::string& text, const Environment& environment) {
  if (text.empty()) return {};
  if (is_automatic(text)) return automatic_shard(text, environment);
  if (const auto shard = written_shard(text)) return *shard;
  throw InputError(fmt::format(
      "--shard: found '{}', expected i/n with 1 <= i <= n <= {}, as in --shard 2/8, auto/n, or auto",
      printable(text), kMostShards));
}

Environment launcher_environment() {
  Environment environment;
  for (const Launcher& launcher : kLaunchers)
    for (const char* name : {launcher.variable, launcher.count})
      if (const char* value = std::getenv(name)) environment[name] = value;
  return environment;
}

}  // namespace tonne
