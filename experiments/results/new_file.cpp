#include "experiments/results/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "experiments/results/records.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

fs::path without_links(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path target = fs::canonical(path, error);
  return error ? path : target;
}

bool is_device(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// Through which linkat(2) names a file that has none; it takes /proc.
std::string path_of_descriptor(std::FILE* stream) {
  return "/proc/self/fd/" + std::to_string(::fileno(stream));
}

// nullptr where the file system, or a system without /proc, cannot.
std::FILE* open_unnamed(const fs::path& beside) {
  const fs::path folder = beside.has_parent_path() ? beside.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor < 0) return nullptr;
  std::FILE* const stream = ::fdopen(descriptor, "wb");
  if (stream && ::access(path_of_descriptor(stream).c_str(), F_OK) == 0) return stream;
  stream ? std::fclose(stream) : ::close(descriptor);
  return nullptr;
}

}  // namespace

void discard_link(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error)) fs::remove(path, error);
}

NewFile::NewFile(const fs::path& path) : path_(without_links(path)), draft_(path_.string() + ".new") {
  open();
  if (!stream_) fail("cannot be written");
}

NewFile::~NewFile() {
  if (!stream_) return;
  stream_.reset();
  if (kind_ == Kind::draft) std::remove(draft_.c_str());
}

void NewFile::open() {
  if (is_device(path_)) {
    kind_ = Kind::device;
    stream_.reset(std::fopen(path_.c_str(), "wbe"));
    return;
  }
  kind_ = Kind::unnamed;
  stream_.reset(open_unnamed(path_));
  if (stream_) return;
  kind_ = Kind::draft;
  std::remove(draft_.c_str());  // of a process that was killed; or a link, which must not be followed
  stream_.reset(std::fopen(draft_.c_str(), "wbxe"));
}

void NewFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream_.get()) != text.size())
    fail("cannot be written in full");
}

void NewFile::commit() {
  if (std::fflush(stream_.get()) != 0) fail("cannot be written in full");
  if (kind_ == Kind::unnamed) name();
  if (std::fclose(stream_.release()) != 0) {
    const int why = errno;
    if (kind_ == Kind::draft) std::remove(draft_.c_str());
    errno = why;
    fail("cannot be written in full");
  }
  if (kind_ == Kind::draft) rename_draft();
}

// In an older one's place there must be a name to rename for a moment.
void NewFile::name() {
  const std::string unnamed = path_of_descriptor(stream_.get());
  const auto link_as = [&](const fs::path& path) {
    return ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  if (link_as(path_)) return;
  if (errno != EEXIST) fail("cannot be put in its place");
  std::remove(draft_.c_str());  // of a process that was killed in that moment
  if (!link_as(draft_)) fail("cannot be put in its place");
  rename_draft();
}

void NewFile::rename_draft() {
  std::error_code error;
  fs::rename(draft_, path_, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(draft_, ignored);
  throw StoreError(path_.string() + ": cannot be put in its place: " + error.message());
}

void NewFile::fail(const std::string& what) const {
  throw StoreError(path_.string() + ": " + what + ": " +
                   std::error_code(errno, std::generic_category()).message());
}

}  // namespace tonne
