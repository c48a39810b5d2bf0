#pragma once
// The shards of an experiment as Slurm jobs: arrays that run them, and a job after them that looks what is
// missing. Pure functions; experiments/cli/submit.cpp starts sbatch.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tonne {

struct SlurmRequest {
  std::filesystem::path program;  ///< tonne
  std::filesystem::path working;  ///< folder that relative paths stand in
  std::filesystem::path experiment;
  std::filesystem::path out;         ///< results folder of the whole; shards and logs stand beside it
  std::string name;                  ///< of the experiment, for the jobs' names
  std::size_t tasks = 1;             ///< shards
  std::size_t at_once = 0;           ///< tasks that may run at once; 0: any number
  std::size_t largest_array = 1001;  ///< Slurm's MaxArraySize: the ids of an array are below it; at least 2
  unsigned attempts_left = 1;        ///< how often missing shards may yet be submitted, this time included
  bool allow_external = false;
  std::vector<std::string> flags;  ///< the user's, of sbatch
  std::vector<std::string> changes = {};  ///< options of `tonne run` that change the experiment, and their values
};

/// Part of the shards as one array: shard = the task's id + offset.
struct SlurmArray {
  std::size_t offset = 0;
  std::string ids;  ///< "3,7-9%50", for --array
};

/// A word of a shell command that stands for the text itself. Throws InputError where the text holds a
/// control character.
[[nodiscard]] std::string shell_word(const std::string& text);
/// Likewise of a command: its words, separated by spaces.
[[nodiscard]] std::string shell_command(const std::vector<std::string>& words);

/// The folder of a shard.
[[nodiscard]] std::filesystem::path shard_folder(const std::filesystem::path& out, std::size_t number,
                                                 std::size_t of);
/// Where scripts and logs of the jobs stand.
[[nodiscard]] std::filesystem::path slurm_folder(const std::filesystem::path& out);

/// Throws InputError where the user's flags would undo what `tonne submit` is for.
void check_flags(const std::vector<std::string>& flags);

/// The shards, by number and in ascending order, in as few arrays as the site's limit allows. `at_once` is
/// shared out among them, at least one task each.
[[nodiscard]] std::vector<SlurmArray> slurm_arrays(const std::vector<std::size_t>& shards,
                                                   std::size_t largest_array, std::size_t at_once);

/// The script of an array's task: runs or resumes one shard. Its argument is the array's offset.
[[nodiscard]] std::string shard_script(const SlurmRequest& request);
/// The script of the job after the arrays: joins the shards when they are whole, and submits those again that
/// are not.
[[nodiscard]] std::string follow_up_script(const SlurmRequest& request);

/// sbatch with what submits an array, or, after arrays with these job ids, the job that follows them up.
[[nodiscard]] std::vector<std::string> array_command(const SlurmRequest& request, const SlurmArray& array);
[[nodiscard]] std::vector<std::string> follow_up_command(const SlurmRequest& request,
                                                         const std::vector<std::string>& jobs);

/// MaxArraySize in what `scontrol show config` prints; nothing where it is not said.
[[nodiscard]] std::optional<std::size_t> largest_array_in(const std::string& configuration);

}  // namespace tonne
