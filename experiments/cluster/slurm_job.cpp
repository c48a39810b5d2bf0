#include "experiments/cluster/slurm_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/error.h"
#include "experiments/text/number_ranges.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// For file names with %A and the like in sbatch's options.
std::string without_patterns(const std::string& path) {
  std::string text;
  for (const char c : path) text += c == '%' ? std::string("%%") : std::string(1, c);
  return text;
}

std::string log_file(const SlurmRequest& request, const char* pattern) {
  return without_patterns((request.working / slurm_folder(request.out)).string()) + "/" + pattern;
}

std::string script_file(const SlurmRequest& request, const char* name) {
  return (request.working / slurm_folder(request.out) / name).string();
}

std::string head(const SlurmRequest& request, const std::string& what) {
  return fmt::format("#!/bin/bash\n# {}\n# Made by tonne submit.\ncd {} || exit 1\n", what,
                     shell_word(request.working.string()));
}

std::vector<std::string> sbatch(const SlurmRequest& request, const std::string& kind, const char* log) {
  std::vector<std::string> words = {"sbatch", "--parsable",
                                    fmt::format("--job-name={}-{}", request.name, kind),
                                    "--output=" + log_file(request, log)};
  words.insert(words.end(), request.flags.begin(), request.flags.end());
  return words;
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (std::ranges::any_of(text, is_control))
    throw InputError(
        fmt::format("'{}' holds a control character, which cannot stand in a script", printable(text)));
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string shell_command(const std::vector<std::string>& words) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./,:%@";
  std::string command;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_not_of(kPlain) == std::string::npos;
    command += (command.empty() ? "" : " ") + (plain ? word : shell_word(word));
  }
  return command;
}

fs::path shard_folder(const fs::path& out, std::size_t number, std::size_t of) {
  return out.string() + fmt::format("-shard-{}-of-{}", number, of);
}

fs::path slurm_folder(const fs::path& out) {
  return out.string() + "-slurm";
}

void check_flags(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    const std::string name = flag.substr(0, flag.find('='));
    const bool own = name == "--array" || name == "--dependency" || name == "--wrap" ||
                     name == "--parsable" || name == "--wait" || flag.starts_with("-a") ||
                     flag.starts_with("-d") || flag.starts_with("-W");
    if (own)
      throw InputError(
          fmt::format("tonne submit: {} cannot be among the flags of sbatch, since tonne decides on it",
                      printable(flag)));
  }
}

std::vector<SlurmArray> slurm_arrays(const std::vector<std::size_t>& shards, std::size_t largest_array,
                                     std::size_t at_once) {
  const std::size_t most = largest_array - 1;  // ids are 1 to this
  std::vector<SlurmArray> arrays;
  for (auto begin = shards.begin(); begin != shards.end();) {
    const std::size_t offset = (*begin - 1) / most * most;
    const auto end =
        std::ranges::find_if(begin, shards.end(), [&](std::size_t shard) { return shard > offset + most; });
    std::vector<std::size_t> ids;
    for (; begin != end; ++begin) ids.push_back(*begin - offset);
    arrays.push_back({offset, number_ranges(ids)});
  }
  if (at_once == 0) return arrays;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const std::size_t share = at_once / arrays.size() + (i < at_once % arrays.size() ? 1 : 0);
    arrays[i].ids += fmt::format("%{}", std::max<std::size_t>(1, share));
  }
  return arrays;
}

std::string shard_script(const SlurmRequest& request) {
  const std::string out = shell_word(request.out.string());
  std::string script =
      head(request,
           "Runs or resumes one shard: the one of the task's number in its array, plus the first argument.");
  script += "shard=$((SLURM_ARRAY_TASK_ID + $1))\n";
  script += fmt::format(
      "exec {} run {} --shard \"$shard/{}\" --out {}\"-shard-$shard-of-{}\" --resume --quiet{}{} \\\n",
      shell_word(request.program.string()), shell_word(request.experiment.string()), request.tasks, out,
      request.tasks, request.allow_external ? " --allow-external" : "",
      request.changes.empty() ? "" : " " + shell_command(request.changes));
  return script + "  --threads \"${SLURM_CPUS_PER_TASK:-1}\"\n";
}

std::string follow_up_script(const SlurmRequest& request) {
  const unsigned left = request.attempts_left > 0 ? request.attempts_left - 1 : 0;  // none, where scripts are only printed
  std::vector<std::string> words = {request.program.string(),
                                    "submit",
                                    "--slurm",
                                    request.experiment.string(),
                                    "--tasks",
                                    std::to_string(request.tasks),
                                    "--out",
                                    request.out.string(),
                                    "--max-array",
                                    std::to_string(request.largest_array),
                                    "--attempts-left",
                                    std::to_string(left)};
  if (request.at_once > 0) words.insert(words.end(), {"--at-once", std::to_string(request.at_once)});
  if (request.allow_external) words.emplace_back("--allow-external");
  words.insert(words.end(), request.changes.begin(), request.changes.end());
  if (!request.flags.empty()) words.emplace_back("--");
  words.insert(words.end(), request.flags.begin(), request.flags.end());
  return head(request,
              fmt::format(
                  "Joins the shards when all are whole; else submits the others again (attempts left: {}).",
                  left)) +
         "exec " + shell_command(words) + "\n";
}

std::vector<std::string> array_command(const SlurmRequest& request, const SlurmArray& array) {
  std::vector<std::string> words = sbatch(request, "shards", "%A_%a.out");
  words.push_back("--array=" + array.ids);
  words.push_back(script_file(request, "shard.sh"));
  words.push_back(std::to_string(array.offset));
  return words;
}

std::vector<std::string> follow_up_command(const SlurmRequest& request,
                                           const std::vector<std::string>& jobs) {
  std::vector<std::string> words = sbatch(request, "merge", "%j.out");
  words.push_back(fmt::format("--dependency=afterany:{}", fmt::join(jobs, ":")));
  words.push_back(script_file(request, "merge.sh"));
  return words;
}

std::optional<std::size_t> largest_array_in(const std::string& configuration) {
  constexpr std::string_view kKey = "MaxArraySize";
  const std::size_t at = configuration.find(kKey);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t digits = configuration.find_first_not_of(" =", at + kKey.size());
  if (digits == std::string::npos) return std::nullopt;
  std::size_t value = 0;
  const auto [rest, error] =
      std::from_chars(configuration.data() + digits, configuration.data() + configuration.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace tonne
