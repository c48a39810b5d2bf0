#pragma once
// Files that appear under their name only when they are complete.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tonne {

/// Writes beside the file and renames; what was not committed is removed. Throws StoreError.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  [[noreturn]] void fail(const std::string& what) const;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::filesystem::path path_;
  std::filesystem::path draft_;
  std::unique_ptr<std::FILE, Close> stream_;
};

}  // namespace tonne
