#include "experiments/results/new_file.h"

#include <cerrno>
#include <system_error>

#include "experiments/results/records.h"

namespace tonne {

NewFile::NewFile(std::filesystem::path path) : path_(std::move(path)), draft_(path_.string() + ".new") {
  stream_.reset(std::fopen(draft_.c_str(), "wb"));
  if (!stream_) fail("cannot be written");
}

NewFile::~NewFile() {
  if (!stream_) return;
  stream_.reset();
  std::remove(draft_.c_str());
}

void NewFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream_.get()) != text.size())
    fail("cannot be written in full");
}

void NewFile::commit() {
  if (std::fflush(stream_.get()) != 0) fail("cannot be written in full");
  stream_.reset();
  std::error_code error;
  std::filesystem::rename(draft_, path_, error);
  if (error) {
    const std::error_code why = error;
    std::filesystem::remove(draft_, error);
    throw StoreError(path_.string() + ": cannot be put in its place: " + why.message());
  }
}

void NewFile::fail(const std::string& what) const {
  throw StoreError(path_.string() + ": " + what + ": " +
                   std::error_code(errno, std::generic_category()).message());
}

}  // namespace tonne
