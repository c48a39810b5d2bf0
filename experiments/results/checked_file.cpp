#include "experiments/results/checked_file.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <span>
#include <vector>

#include "experiments/results/page_hash.h"

namespace tonne {
namespace {

using Page = std::span<const std::byte>;
constexpr std::size_t kContentBytes = kPageBytes - kReservedBytes;
constexpr std::size_t kPage = kPageBytes;
// SQLite locks bytes there and never writes that page.
constexpr std::uint64_t kLockPage = 0x40000000 / kPageBytes + 1;

// Where SQLite's header says what (https://www.sqlite.org/fileformat.html, 1.3), and how long it is.
constexpr std::size_t kReservedAt = 20, kPageCountAt = 28, kFreePagesAt = 36, kApplicationAt = 68,
                      kHeaderBytes = 100;

std::uint32_t number_at(Page bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | std::to_integer<std::uint32_t>(bytes[at + i]);
  return number;
}

// Two marks, so that no damage to one of them makes a file pass for one without hashes.
bool says_hashed(Page header) {
  return header[kReservedAt] == std::byte{kReservedBytes} ||
         number_at(header, kApplicationAt) == static_cast<std::uint32_t>(kApplicationId);
}

std::uint64_t hash_of(Page page, std::uint64_t number) {
  return page_hash(page.first(kContentBytes), number);
}

bool is_intact(Page page, std::uint64_t number) {
  std::uint64_t stored = 0;
  std::memcpy(&stored, page.data() + kContentBytes, sizeof stored);
  return stored == hash_of(page, number);
}

void set_hash(std::span<std::byte> page, std::uint64_t number) {
  const std::uint64_t hash = hash_of(page, number);
  std::memcpy(page.data() + kContentBytes, &hash, sizeof hash);
}

bool is_zero(Page page) {
  return std::ranges::all_of(page, [](std::byte byte) { return byte == std::byte{0}; });
}

// A database as SQLite has it open; the file of the VFS beneath follows in the same block of memory.
struct CheckedFile {
  sqlite3_file base;
  bool hashed;
  bool only_read;
};

sqlite3_vfs* vfs_beneath(sqlite3_vfs* vfs) {
  return static_cast<sqlite3_vfs*>(vfs->pAppData);
}
CheckedFile& checked(sqlite3_file* file) {
  return *reinterpret_cast<CheckedFile*>(file);
}
sqlite3_file* beneath(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(&checked(file) + 1);
}

bool is_page(int bytes, sqlite3_int64 at) {
  return bytes == kPageBytes && at % kPageBytes == 0;
}
std::uint64_t page_number(sqlite3_int64 at) {
  return static_cast<std::uint64_t>(at) / kPage + 1;
}

int close_file(sqlite3_file* file) {
  return beneath(file)->pMethods->xClose(beneath(file));
}

int read_file(sqlite3_file* file, void* buffer, int bytes, sqlite3_int64 at) {
  const int result = beneath(file)->pMethods->xRead(beneath(file), buffer, bytes, at);
  if (!checked(file).hashed || !is_page(bytes, at)) return result;
  if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ) return result;
  const Page page(static_cast<const std::byte*>(buffer), kPage);
  if (is_intact(page, page_number(at))) return result;
  if (result == SQLITE_IOERR_SHORT_READ && is_zero(page))
    return result;  // beyond the file's end: SQLite knows what to do
  return SQLITE_IOERR_DATA;
}

int write_file(sqlite3_file* file, const void* buffer, int bytes, sqlite3_int64 at) {
  if (!checked(file).hashed || !is_page(bytes, at))
    return beneath(file)->pMethods->xWrite(beneath(file), buffer, bytes, at);
  std::array<std::byte, kPage> page;
  std::memcpy(page.data(), buffer, kContentBytes);
  set_hash(page, page_number(at));
  return beneath(file)->pMethods->xWrite(beneath(file), page.data(), bytes, at);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return beneath(file)->pMethods->xTruncate(beneath(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  return beneath(file)->pMethods->xSync(beneath(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return beneath(file)->pMethods->xFileSize(beneath(file), size);
}
// Where the file system has no locks nobody writes (FolderLock), so that reading goes on without.
int lock_file(sqlite3_file* file, int kind) {
  errno = 0;
  const int result = beneath(file)->pMethods->xLock(beneath(file), kind);
  const bool no_locks = errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS;
  const bool reads = checked(file).only_read && kind == SQLITE_LOCK_SHARED;
  return result != SQLITE_OK && no_locks && reads ? SQLITE_OK : result;
}
int unlock_file(sqlite3_file* file, int kind) {
  return beneath(file)->pMethods->xUnlock(beneath(file), kind);
}
int check_lock(sqlite3_file* file, int* taken) {
  return beneath(file)->pMethods->xCheckReservedLock(beneath(file), taken);
}
int control_file(sqlite3_file* file, int what, void* with) {
  return beneath(file)->pMethods->xFileControl(beneath(file), what, with);
}
int sector_size(sqlite3_file* file) {
  return beneath(file)->pMethods->xSectorSize(beneath(file));
}
int characteristics(sqlite3_file* file) {
  return beneath(file)->pMethods->xDeviceCharacteristics(beneath(file));
}
int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  return beneath(file)->pMethods->xShmMap(beneath(file), region, size, extend, at);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return beneath(file)->pMethods->xShmLock(beneath(file), offset, count, flags);
}
void order_shared(sqlite3_file* file) {
  beneath(file)->pMethods->xShmBarrier(beneath(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return beneath(file)->pMethods->xShmUnmap(beneath(file), remove);
}

// Version 2: with a write-ahead log, but never mapped into memory, where a page would be read unchecked.
constexpr sqlite3_io_methods kMethods = {
    2,           close_file,   read_file,    write_file,   truncate_file, sync_file,       file_size,
    lock_file,   unlock_file,  check_lock,   control_file, sector_size,   characteristics, map_shared,
    lock_shared, order_shared, unmap_shared, nullptr,      nullptr};

// Whether pages of a database that has just been opened have hashes; a new file's get them.
bool begins_hashed(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  if (file->pMethods->xFileSize(file, &size) != SQLITE_OK) return false;
  if (size == 0) return true;
  std::array<std::byte, kHeaderBytes> header{};  // zeros where the file is shorter
  file->pMethods->xRead(file, header.data(), static_cast<int>(kHeaderBytes), 0);
  return says_hashed(header);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  sqlite3_vfs* const parent = vfs_beneath(vfs);
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return parent->xOpen(parent, name, file, flags, flags_out);
  CheckedFile& own = *new (file) CheckedFile{};
  const int result = parent->xOpen(parent, name, beneath(file), flags, flags_out);
  if (beneath(file)->pMethods) own.base.pMethods = &kMethods;  // else there is nothing to close
  if (result == SQLITE_OK) own.hashed = begins_hashed(beneath(file));
  own.only_read = (flags & SQLITE_OPEN_READONLY) != 0;
  return result;
}

int delete_path(sqlite3_vfs* vfs, const char* name, int sync) {
  return vfs_beneath(vfs)->xDelete(vfs_beneath(vfs), name, sync);
}
int access_path(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  return vfs_beneath(vfs)->xAccess(vfs_beneath(vfs), name, flags, out);
}
int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return vfs_beneath(vfs)->xFullPathname(vfs_beneath(vfs), name, size, out);
}
int random_bytes(sqlite3_vfs* vfs, int count, char* out) {
  return vfs_beneath(vfs)->xRandomness(vfs_beneath(vfs), count, out);
}
int sleep_for(sqlite3_vfs* vfs, int microseconds) {
  return vfs_beneath(vfs)->xSleep(vfs_beneath(vfs), microseconds);
}
int last_error(sqlite3_vfs* vfs, int size, char* out) {
  return vfs_beneath(vfs)->xGetLastError(vfs_beneath(vfs), size, out);
}
int julian_day(sqlite3_vfs* vfs, double* day) {
  return vfs_beneath(vfs)->xCurrentTime(vfs_beneath(vfs), day);
}
int julian_milliseconds(sqlite3_vfs* vfs, sqlite3_int64* time) {
  return vfs_beneath(vfs)->xCurrentTimeInt64(vfs_beneath(vfs), time);
}

sqlite3_vfs checked_vfs_over(sqlite3_vfs* parent) {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(CheckedFile)) + parent->szOsFile;
  vfs.mxPathname = parent->mxPathname;
  vfs.zName = "tonne";
  vfs.pAppData = parent;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_path;
  vfs.xAccess = access_path;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = random_bytes;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTime = julian_day;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = julian_milliseconds;
  return vfs;
}

// Read through SQLite's own descriptor: to close another one would take away the locks that it holds
// (fcntl(2)).
CheckedFile* file_of(sqlite3* database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return file && file->pMethods == &kMethods ? &checked(file) : nullptr;
}

// Goes through a file and keeps what it finds.
class Inspection {
 public:
  void see(Page page) {
    ++pages_;
    if (pages_ == 1) {
      page_count_ = number_at(page, kPageCountAt);
      free_pages_ = number_at(page, kFreePagesAt);
    }
    if (pages_ == kLockPage || is_intact(page, pages_)) return;
    if (is_zero(page) && pages_ > 1) {
      ++zero_pages_;
      if (first_zero_ == 0) first_zero_ = pages_;
      return;
    }
    add_wrong(pages_);
  }

  // `rest`: bytes after the last whole page.
  [[nodiscard]] std::optional<std::string> verdict(std::size_t rest) {
    if (pages_ == 0) return fmt::format("it ends after {} bytes, before its first page does", rest);
    // A page that was taken and given back before anything was written into it is a hole among the free ones.
    if (zero_pages_ > free_pages_) add_wrong(first_zero_, zero_pages_);
    if (wrong_ > 0) return text_of_wrong();
    if (rest == 0 && pages_ == page_count_) return std::nullopt;
    return fmt::format("it has {} bytes, its header says {}", pages_ * kPage + rest,
                       std::uint64_t{page_count_} * kPage);
  }

 private:
  void add_wrong(std::uint64_t page, std::uint64_t count = 1) {
    first_wrong_ = wrong_ == 0 ? page : std::min(first_wrong_, page);
    wrong_ += count;
  }
  [[nodiscard]] std::string text_of_wrong() const {
    std::string text = fmt::format("page {} (bytes {} to {})", first_wrong_, (first_wrong_ - 1) * kPage,
                                   first_wrong_ * kPage - 1);
    if (wrong_ > 1) text += fmt::format(" and {} more", wrong_ - 1);
    return text + (wrong_ > 1 ? " are not what was written there" : " is not what was written there");
  }

  std::uint64_t pages_ = 0, wrong_ = 0, first_wrong_ = 0, zero_pages_ = 0, first_zero_ = 0;
  std::uint32_t page_count_ = 0, free_pages_ = 0;
};

}  // namespace

const char* checked_vfs() {
  // SQLite links it into its list and keeps the address.
  static sqlite3_vfs vfs = checked_vfs_over(sqlite3_vfs_find(nullptr));
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  return registered == SQLITE_OK ? vfs.zName : nullptr;
}

void set_page_count(std::span<std::byte, kPageBytes> first_page, std::uint32_t pages) {
  constexpr std::size_t kFreeListBytes = 8;  // its first page and its length
  for (std::size_t i = 0; i < 4; ++i)
    first_page[kPageCountAt + i] = static_cast<std::byte>(pages >> (24 - 8 * i) & 0xFFU);
  std::ranges::fill(first_page.subspan(kPageCountAt + 4, kFreeListBytes), std::byte{0});
  set_hash(first_page, 1);
}

bool has_page_hashes(sqlite3* database) {
  const CheckedFile* const file = file_of(database);
  return file && file->hashed;
}

std::optional<std::string> find_damage(sqlite3* database) {
  constexpr int kBytesAtOnce = 64 * kPageBytes;  // stay in the fast cache
  CheckedFile* const file = file_of(database);
  if (!file) return "it cannot be read";
  std::vector<std::byte> buffer(kBytesAtOnce);
  sqlite3_file* const raw = beneath(&file->base);
  sqlite3_int64 size = 0;
  if (raw->pMethods->xFileSize(raw, &size) != SQLITE_OK) return "its length cannot be read";
  Inspection inspection;
  for (sqlite3_int64 at = 0; at < size; at += kBytesAtOnce) {
    const int bytes = static_cast<int>(std::min<sqlite3_int64>(kBytesAtOnce, size - at));
    if (raw->pMethods->xRead(raw, buffer.data(), bytes, at) != SQLITE_OK)
      return fmt::format("bytes {} to {} cannot be read", at, at + bytes - 1);
    for (int page = 0; page + kPageBytes <= bytes; page += kPageBytes)
      inspection.see(Page(buffer).subspan(static_cast<std::size_t>(page), kPage));
  }
  return inspection.verdict(static_cast<std::size_t>(size) % kPage);
}

}  // namespace tonne
