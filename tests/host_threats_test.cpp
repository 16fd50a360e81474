// Threats from the host itself: moved-from objects, odd values, files of unexpected kinds.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "syncdex/syncdex.h"

// Replaces the C library's fsync() to count the calls.
static std::atomic<int> files_synced = 0;
static std::atomic<int> folders_synced = 0;
extern "C" int fsync(int fd) {
  struct ::stat about {};
  if (::fstat(fd, &about) == 0) ++(S_ISDIR(about.st_mode) ? folders_synced : files_synced);
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace syncdex {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "syncdex-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const Catalog& two_records() {
  static const Catalog catalog = *Catalog::load("{\"id\":\"1\"}\n{\"id\":\"2\"}");
  return catalog;
}

// --- misuse ---

TEST(Threats, T31_PageLimitsOutOfRangeAreRefused) {
  for (const std::uint32_t limit : {0u, 1001u, ~0u}) {
    const auto page = two_records().list({Query(), {.limit = limit, .after = {}}});
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::invalid_value);
    EXPECT_EQ(page.error().parameter, "limit");
  }
  EXPECT_TRUE(two_records().list({Query(), {.limit = 1000, .after = {}}}));
}

// NOLINTBEGIN(bugprone-use-after-move): use after move is what this tests
TEST(Threats, T31_MovedFromObjectsEqualDefaultConstructedOnes) {
  Query query = *QueryBuilder().id("1").build();
  const Query other = std::move(query);
  EXPECT_EQ(query, Query());
  EXPECT_EQ(query.pattern(), "{}");
  EXPECT_EQ(query.hash(), Query().hash());
  EXPECT_EQ(query.to_url(), "");
  EXPECT_FALSE(query.never());
  EXPECT_EQ(two_records().find(query).size(), 2u);
  EXPECT_EQ(two_records().count(query), 2u);
  EXPECT_FALSE(two_records().verify(query));
  EXPECT_TRUE(to_postgres(query));
  EXPECT_EQ(two_records().explain(query), two_records().explain(Query()));

  Request request = *parse_request("id=1&limit=1");
  Request taken = std::move(request);
  EXPECT_EQ(request.query, Query());
  EXPECT_FALSE(request.page.limit);
  EXPECT_EQ(two_records().list(request).value().matches().size(), 2u);
  request = std::move(taken);
  EXPECT_EQ(two_records().list(request).value().matches().size(), 1u);
  EXPECT_FALSE(taken.page.limit);

  QueryBuilder builder;
  builder.id("1");
  QueryBuilder moved = std::move(builder);
  EXPECT_EQ(*builder.build(), Query());
  const QueryBuilder copy = builder;
  EXPECT_EQ(*copy.build(), Query());
  EXPECT_EQ(builder.id("2").build().value().pattern(), R"({"id":"2"})");
  builder = moved;
  EXPECT_EQ(builder.build().value().pattern(), R"({"id":"1"})");

  Listing listing = *two_records().list({Query(), {.limit = 1, .after = {}}});
  const Listing kept = std::move(listing);
  EXPECT_EQ(listing.json(), R"({"data":[]})");
  EXPECT_EQ(listing.slices().size(), 2u);
  EXPECT_FALSE(listing.paged() || listing.has_more());
  EXPECT_EQ(listing.next(), "");
  EXPECT_EQ(Listing().json(), R"({"data":[]})");
  EXPECT_TRUE(kept.has_more());

  Matches matches = two_records().find(Query());
  const Matches all = std::move(matches);
  EXPECT_EQ(matches.json(), R"({"data":[]})");

  Catalog catalog = two_records();
  const Catalog same = std::move(catalog);
  EXPECT_EQ(catalog.size(), 0u);
  EXPECT_FALSE(catalog.find_id("1"));
  EXPECT_EQ(catalog.find(Query()).size(), 0u);

  Subscription none;
  const Subscription nothing = std::move(none);
  none.cancel();
}
// NOLINTEND(bugprone-use-after-move)

template <class T>
concept TakenAsMetadata = requires(QueryBuilder b, T value) {
  b.metadata("key", value);
};
static_assert(TakenAsMetadata<int> && TakenAsMetadata<float> && TakenAsMetadata<bool> &&
              TakenAsMetadata<const char*>);
static_assert(TakenAsMetadata<signed char> && TakenAsMetadata<unsigned char> &&
              TakenAsMetadata<std::nullptr_t>);
static_assert(!TakenAsMetadata<char> && !TakenAsMetadata<wchar_t> && !TakenAsMetadata<char8_t>);
static_assert(!TakenAsMetadata<long double>);  // a double would change its value
static_assert(!TakenAsMetadata<char16_t> && !TakenAsMetadata<char32_t>);

TEST(QueryBuilder, FloatMatchesItsDecimalSpelling) {
  const Catalog catalog = *Catalog::load(R"({"id":"1","metadata":{"ratio":0.1}})");
  EXPECT_EQ(catalog.count(*QueryBuilder().metadata("ratio", 0.1f).build()), 1u);
  EXPECT_EQ(catalog.count(*QueryBuilder().metadata("ratio", 0.1).build()), 1u);
}

// --- output files ---

TEST(Threats, T32_OnlyRegularFilesAreReplaced) {
  const Folder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directory(folder / "folder");
  for (const char* name : {"pipe", "folder"}) {
    const auto written = two_records().write_ndjson(folder / name);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::io_error);
    EXPECT_EQ(written.error().message, "cannot be written: not a regular file");
  }
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  EXPECT_FALSE(two_records().write_ndjson("/dev/null"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));

  // Symbolic links are followed, dangling ones too. A cycle is an error.
  fs::create_symlink("target", folder / "link");
  ASSERT_TRUE(two_records().write_ndjson(folder / "link"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content(folder / "target"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  fs::create_symlink("circle", folder / "circle");
  EXPECT_FALSE(two_records().write_ndjson(folder / "circle"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 5);
}

TEST(Threats, T32_LeftoverTemporaryFilesDoNotBlockWrites) {
  const Folder folder;
  EXPECT_TRUE(two_records().write_ndjson(folder.path() / std::string(255, 'n')));
  for (int i = 0; i < 1000; ++i) std::ofstream(folder.path() / ("full.new-" + std::to_string(i)));
  EXPECT_TRUE(two_records().write_ndjson(folder / "full"));
}

TEST(Threats, T32_ModesAreKeptAndPartialFilesAreHidden) {
  const Folder folder;
  const auto mode = [](const fs::path& path) { return fs::status(path).permissions(); };
  const mode_t mask = ::umask(027);
  ASSERT_TRUE(two_records().write_ndjson(folder / "new"));
  ::umask(mask);
  EXPECT_EQ(mode(folder / "new"), fs::perms(0640));
  for (const unsigned wanted : {0600u, 0644u, 0664u, 0444u}) {
    fs::permissions(folder / "new", fs::perms(wanted));
    ASSERT_TRUE(two_records().write_ndjson(folder / "new"));
    EXPECT_EQ(mode(folder / "new"), fs::perms(wanted));
  }
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown((folder / "new").c_str(), 12, 34), 0);
    ASSERT_TRUE(two_records().write_ndjson(folder / "new"));
    struct ::stat about {};
    ASSERT_EQ(::stat((folder / "new").c_str(), &about), 0);
    EXPECT_EQ(about.st_uid, 12u);
    EXPECT_EQ(about.st_gid, 34u);
  }
  // While the file is being written, only its owner can read the temporary file.
  std::string text;
  for (int i = 0; i < 300'000; ++i)
    text += "{\"id\":\"" + std::to_string(i) + "\",\"x\":\"" + std::string(40, 'x') + "\"}\n";
  const Catalog large = *Catalog::load(std::move(text));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    EXPECT_TRUE(large.write_ndjson(folder / "large"));
    done = true;
  });
  std::size_t seen = 0;
  while (!done) {
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (!entry.path().filename().string().starts_with("syncdex-")) continue;
      std::error_code gone;
      const fs::perms now = fs::status(entry.path(), gone).permissions();
      const auto size = fs::file_size(entry.path(), gone);
      // An empty file shows what the umask leaves; the mode is set when all has been written.
      if (gone || size == 0 || size >= 17'000'000) continue;
      ++seen;
      EXPECT_EQ(now, fs::perms(0600));
    }
  }
  writer.join();
  EXPECT_GT(seen, 0u);
}

TEST(Threats, T32_ShortWriteIsAnError) {
  const Folder folder;
  ASSERT_TRUE(two_records().write_ndjson(folder / "file"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit little{10, before.rlim_max};
  const auto old = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
  const auto written = two_records().write_ndjson(folder / "file");
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io_error);
  EXPECT_EQ(content(folder / "file"), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

// --- input files ---

// Reads a pipe while signals interrupt the reader continuously.
TEST(Threats, T32_SignalsDoNotInterruptReading) {
  const Folder folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  struct sigaction action {};
  struct sigaction old {};
  action.sa_handler = [](int) {};
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &old), 0);  // without SA_RESTART
  std::atomic<bool> done = false;
  std::size_t loaded = 0;
  std::thread reader([&] {
    const auto catalog = Catalog::load_file(pipe);
    EXPECT_TRUE(catalog) << catalog.error().message;
    if (catalog) loaded = catalog->size();
    done = true;
  });
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // open() blocks, and is interrupted as well
    std::ofstream out(pipe);
    for (int i = 0; i < 50; ++i) {
      out << "{\"id\":\"" << i << "\"}\n" << std::flush;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  while (!done) {
    ::pthread_kill(reader.native_handle(), SIGUSR1);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  writer.join();
  reader.join();
  ::sigaction(SIGUSR1, &old, nullptr);
  EXPECT_EQ(loaded, 50u);
}

// Returns how many bytes of `text` load_file() reads from a pipe before it fails with `expected`.
std::size_t bytes_read(const std::string& text, const LoadOptions& options, ErrorCode expected) {
  const Folder folder;
  const fs::path pipe = folder / "pipe";
  ::mkfifo(pipe.c_str(), 0600);
  std::size_t taken = 0;
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  std::thread writer([&] {
    const int fd = ::open(pipe.c_str(), O_WRONLY);
    while (taken < text.size()) {
      const ssize_t n = ::write(fd, text.data() + taken, std::min<std::size_t>(text.size() - taken, 65536));
      if (n <= 0) break;
      taken += static_cast<std::size_t>(n);
    }
    ::close(fd);
  });
  const auto catalog = Catalog::load_file(pipe, options);
  EXPECT_FALSE(catalog);
  if (!catalog) {
    EXPECT_EQ(catalog.error().code, expected);
  }
  writer.join();
  ::signal(SIGPIPE, old);
  return taken;
}

TEST(Threats, T32_UnloadableFilesAreRejectedEarly) {
  const std::string html = " \n<html>" + std::string(20'000'000, 'x');
  EXPECT_LT(bytes_read(html, {}, ErrorCode::malformed_json), 1'000'000u);
  LoadOptions little;
  little.limits.input_bytes = 100'000;
  const std::string array = "[" + std::string(20'000'000, ' ') + "]";
  EXPECT_LT(bytes_read(array, little, ErrorCode::limit_exceeded), 1'000'000u);
  // The error is the same as for the whole text.
  const Folder folder;
  std::ofstream(folder / "html") << html;
  const Error by_file = Catalog::load_file(folder / "html").error();
  const Error by_text = Catalog::load(html).error();
  EXPECT_EQ(to_string(by_file), to_string(by_text));
}

TEST(Threats, T32_TheFileAndItsFolderAreSynced) {
  const Folder folder;
  files_synced = folders_synced = 0;
  ASSERT_TRUE(two_records().write_ndjson(folder / "file"));
  EXPECT_EQ(files_synced, 1);
  EXPECT_EQ(folders_synced, 1);
}

}  // namespace
}  // namespace syncdex
