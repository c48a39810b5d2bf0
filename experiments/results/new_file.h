#pragma once
// Files that appear under their name only when they are complete.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tonne {

/// Removes what stands at the path if it is a link: a results folder from somebody else must not decide which file is replaced.
void discard_link(const std::filesystem::path& path);

/// A file without a name until it is committed, so that a killed process leaves nothing behind; where the
/// file system has no such files, one that is called PATH.new until then. A device or a pipe is written to as
/// it is. Throws StoreError.
class NewFile {
 public:
  /// A link is followed: what it points at is replaced.
  explicit NewFile(const std::filesystem::path& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view text);
  /// Puts it in its place, in that of an older one too.
  void commit();

 private:
  enum class Kind : std::uint8_t { unnamed, draft, device };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void open();
  void name();
  void rename_draft();
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path path_;
  std::filesystem::path draft_;
  Kind kind_ = Kind::draft;
  std::unique_ptr<std::FILE, Close> stream_;
};

}  // namespace tonne
