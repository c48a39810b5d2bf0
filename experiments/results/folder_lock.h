#pragma once
// Who may write into a results folder.

#include <filesystem>

namespace tonne {

/// Held by whoever writes into a results folder: two writers would remove each other's rows. The file `.lock`
/// stands in the folder as long.
class FolderLock {
 public:
  /// Throws StoreError when another process holds the lock, or it cannot be made.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  [[nodiscard]] bool is_current() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace tonne
