#include "experiments/results/new_file.h"

#include <gtest/gtest.h>

#include "experiments/results/records.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using testing::read_file;

// So that a process that is killed meanwhile leaves nothing. The system's temporary folder has files without
// names.
TEST(NewFile, HasNoNameBeforeItIsComplete) {
  const testing::TemporaryFolder folder;
  {
    NewFile file(folder / "a.txt");
    file.write("half");
    EXPECT_TRUE(fs::is_empty(folder.path()));
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
  folder.write("a.txt", "old");
  folder.write("a.txt.new", "of a process that was killed");
  NewFile file(folder / "a.txt");
  file.write("new");
  EXPECT_EQ(read_file(folder / "a.txt"), "old");
  file.commit();
  EXPECT_EQ(read_file(folder / "a.txt"), "new");
  EXPECT_FALSE(fs::exists(folder / "a.txt.new"));
}

TEST(NewFile, FollowsLinksAndLeavesDevicesAlone) {
  const testing::TemporaryFolder folder;
  folder.write("target.txt", "old");
  fs::create_symlink("target.txt", folder / "link.txt");
  fs::create_symlink("/dev/null", folder / "null");
  for (const char* name : {"link.txt", "null"}) {
    NewFile file(folder / name);
    file.write("new");
    file.commit();
    EXPECT_TRUE(fs::is_symlink(folder / name));
  }
  EXPECT_EQ(read_file(folder / "target.txt"), "new");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THROW(NewFile(folder / "nowhere/a.txt"), StoreError);
}

}  // namespace
}  // namespace tonne
