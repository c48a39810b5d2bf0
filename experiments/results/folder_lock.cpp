#include "experiments/results/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "experiments/results/records.h"

namespace tonne {
namespace {

// Two writers without a lock would remove each other's rows, and SQLite needs locks of its own there: no
// going on without.
std::string refusal(int why) {
  if (why == EWOULDBLOCK)
    return "another tonne is writing there: wait for it, or choose another folder with --out";
  return "cannot be locked (" + std::generic_category().message(why) +
         "): its file system may have no locks; write to a local folder with --out, and copy it when it is "
         "finished";
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) : path_(folder / ".lock") {
  while (true) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor_ < 0)
      throw StoreError(path_.string() + ": cannot be made: " + std::generic_category().message(errno));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int why = errno;
      ::close(descriptor_);
      throw StoreError(folder.string() + ": " + refusal(why));
    }
    if (is_current()) return;
    ::close(descriptor_);  // whoever held it has just removed the file that we opened
  }
}

FolderLock::~FolderLock() {
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

// Whether the file that is locked is the one that others would find.
bool FolderLock::is_current() const {
  struct stat ours {};
  struct stat current {};
  return ::fstat(descriptor_, &ours) == 0 && ::stat(path_.c_str(), &current) == 0 &&
         ours.st_ino == current.st_ino && ours.st_dev == current.st_dev;
}

}  // namespace tonne
