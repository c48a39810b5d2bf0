#pragma once
// SQLite files whose every page carries a hash: what the disk, a copy or another program changed is found
// when it is read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

struct sqlite3;

namespace tonne {

/// Bytes of a page, and at its end those that SQLite leaves to us: the hash of the page's number and of the
/// rest.
inline constexpr int kPageBytes = 4096;
inline constexpr int kReservedBytes = 8;
/// "tonn" in the header of a file whose pages have hashes (PRAGMA application_id).
inline constexpr std::int32_t kApplicationId = 0x746f6e6e;

/// Name of the SQLite VFS that sets the hash of every page of a database that it writes and checks it in
/// every page that it reads: a wrong one is SQLITE_IOERR_DATA. Files that another program or an older version
/// made have none; they are read and written as by SQLite's own VFS. Made known to SQLite by the first call.
[[nodiscard]] const char* checked_vfs();

/// Whether the pages of an open database have hashes. Precondition, here and below: it was opened with
/// checked_vfs().
[[nodiscard]] bool has_page_hashes(sqlite3* database);

/// What is wrong with a file whose pages have hashes, read from begin to end: its length or its pages, as
/// "page 17 (bytes 65536 to 69631) is not what was written there"; nothing where all is well. Precondition:
/// nobody writes into it meanwhile, and its write-ahead log is empty.
[[nodiscard]] std::optional<std::string> find_damage(sqlite3* database);

/// Lets the first page of a database speak of so many pages, none of them free.
void set_page_count(std::span<std::byte, kPageBytes> first_page, std::uint32_t pages);

}  // namespace tonne
