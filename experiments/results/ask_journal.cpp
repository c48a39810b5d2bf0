#include "experiments/results/ask_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/random.h"
#include "experiments/results/records.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kJournalMark = "tonne asks 1\n";
constexpr std::string_view kJournalEnding = ".asks";
constexpr std::string_view kJournalStart = "cell-";

template <class Value>
void put_bytes(std::string& out, const Value& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes values off the front of bytes; nothing where they end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  template <class Value>
  [[nodiscard]] bool take(Value& value) {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return true;
  }
  [[nodiscard]] std::optional<std::string_view> take_text(std::size_t size) {
    if (rest_.size() < size) return std::nullopt;
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

std::string encode_ask(const AnsweredAsk& ask) {
  std::string out;
  put_bytes(out, ask.id);
  put_bytes(out, ask.proposal.fidelity);
  const Configuration& configuration = ask.proposal.configuration;
  for (std::size_t i = 0; i < configuration.size(); ++i) {
    put_bytes(out, configuration.is_active(i));
    put_bytes(out, configuration[i]);
  }
  for (const double number : ask.left) put_bytes(out, number);
  return out;
}

// None where the payload is no answer of a strategy that leaves so many numbers on this space.
std::optional<AnsweredAsk> decode_ask(std::string_view payload, const SearchSpace& space,
                                      std::size_t numbers) {
  AnsweredAsk ask;
  ByteReader reader(payload);
  if (!reader.take(ask.id) || !reader.take(ask.proposal.fidelity)) return std::nullopt;
  Configuration configuration(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    std::uint8_t active = 0;
    double value = 0.0;
    if (!reader.take(active) || !reader.take(value)) return std::nullopt;
    if (active != 0) configuration.set(i, value);
  }
  if (!space.contains(configuration)) return std::nullopt;
  ask.proposal.configuration = std::move(configuration);
  ask.left.resize(numbers);
  for (double& number : ask.left)
    if (!reader.take(number)) return std::nullopt;
  return reader.left() == 0 ? std::optional(std::move(ask)) : std::nullopt;
}

// The cell that a file's name tells; none where it is no journal.
std::optional<std::size_t> cell_of(const std::string& name) {
  if (!name.starts_with(kJournalStart) || !name.ends_with(kJournalEnding)) return std::nullopt;
  const char* const end = name.data() + name.size() - kJournalEnding.size();
  std::size_t cell = 0;
  const auto [rest, error] = std::from_chars(name.data() + kJournalStart.size(), end, cell);
  return error == std::errc{} && rest == end ? std::optional(cell) : std::nullopt;
}

}  // namespace

AskJournal::AskJournal(fs::path file, std::uint64_t key)
    : file_(std::move(file)), key_(key), chain_(mix_bits(key)) {}

AskJournal::~AskJournal() {
  try {
    write();
  } catch (const StoreError&) {
    // A shorter journal is a journal: the next run computes more again.
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::vector<AnsweredAsk> AskJournal::read(const SearchSpace& space, std::size_t numbers) {
  std::vector<AnsweredAsk> asks;
  descriptor_ =
      ::open(file_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);  // a pipe has no end to wait for
  if (descriptor_ < 0 && errno == ENOENT) return asks;
  if (descriptor_ < 0) fail("cannot be read");
  const std::string bytes = read_whole();
  ByteReader reader(bytes);
  std::uint64_t key = 0;
  if (reader.take_text(kJournalMark.size()) == kJournalMark && reader.take(key) && key == key_) {
    std::size_t whole = bytes.size() - reader.left();
    std::uint32_t size = 0;
    std::uint64_t hash = 0;
    while (reader.take(size) && reader.take(hash)) {
      const auto payload = reader.take_text(size);
      if (!payload || mix_bits(chain_ ^ hash_text(*payload)) != hash) break;
      auto ask = decode_ask(*payload, space, numbers);
      if (!ask) break;
      asks.push_back(std::move(*ask));
      chain_ = hash;
      whole = bytes.size() - reader.left();
    }
    if (::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) fail("cannot be cut");
    if (::lseek(descriptor_, 0, SEEK_END) < 0) fail("cannot be read");
  }
  if (!asks.empty()) return asks;
  ::close(std::exchange(descriptor_, -1));
  if (::unlink(file_.c_str()) != 0) fail("cannot be removed");
  return asks;
}

std::string AskJournal::read_whole() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("cannot be read");
  if (!S_ISREG(status.st_mode)) throw StoreError(file_.string() + ": is not a regular file");
  std::string text;
  std::array<char, 1U << 16U> part;
  for (;;) {
    const ssize_t got = ::read(descriptor_, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot be read");
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

void AskJournal::append(const AnsweredAsk& ask) {
  if (removed_) return;
  const std::string payload = encode_ask(ask);
  chain_ = mix_bits(chain_ ^ hash_text(payload));
  put_bytes(unwritten_, static_cast<std::uint32_t>(payload.size()));
  put_bytes(unwritten_, chain_);
  unwritten_ += payload;
}

void AskJournal::write() {
  if (unwritten_.empty()) return;
  if (descriptor_ < 0) open();
  std::string_view rest = unwritten_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  unwritten_.clear();
}

void AskJournal::open() {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) fail("cannot be made");
  std::string head(kJournalMark);
  put_bytes(head, key_);
  unwritten_.insert(0, head);
}

void AskJournal::remove() {
  unwritten_.clear();
  removed_ = true;
  if (descriptor_ < 0) return;
  ::close(std::exchange(descriptor_, -1));
  if (::unlink(file_.c_str()) != 0 && errno != ENOENT) fail("cannot be removed");
}

void AskJournal::fail(const char* what) const {
  throw StoreError(fmt::format("{}: {}: {}", file_.string(), what, std::generic_category().message(errno)));
}

fs::path ask_journal_file(const fs::path& folder, std::size_t cell) {
  return folder / fmt::format("{}{}{}", kJournalStart, cell, kJournalEnding);
}

void remove_ask_journals(const fs::path& folder, const std::vector<bool>& finished) {
  std::vector<fs::path> old;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error))
    if (const auto cell = cell_of(entry->path().filename().string());
        cell && (*cell >= finished.size() || finished[*cell]))
      old.push_back(entry->path());
  for (const fs::path& file : old) fs::remove(file, error);
}

}  // namespace tonne
