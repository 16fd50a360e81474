#include "base/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/errors.h"
#include "base/page_buffer.h"
#include "syncdex/load.h"

namespace syncdex::inline v0 {
Error io_error(const char* what, int code) {
  return make_error(ErrorCode::io_error, fmt::format("{}: {}", what, std::generic_category().message(code)));
}

Input own_text(std::string json) {
  if (json.capacity() - json.size() >= load_padding) {
    // Moving a std::string keeps its buffer unless the text is stored inside the object. That inline buffer
    // is far smaller than the padding, so this string does not use it.
    auto owner = std::make_shared<const std::string>(std::move(json));
    const std::string_view text = *owner;
    return {std::move(owner), text, true};
  }
  auto buffer = std::make_shared<PageBuffer>(json.size() + load_padding);
  std::memcpy(buffer->data(), json.data(), json.size());
  std::memset(buffer->data() + json.size(), 0, load_padding);
  const std::string_view text(buffer->data(), json.size());
  return {std::move(buffer), text, true};
}

namespace {

int open_file(const char* path, int flags) noexcept {
  int fd = -1;
  do {
    fd = ::open(path, flags | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// Returns the number of bytes read, 0 at the end, or -1 with errno set. Retries after signals.
ssize_t read_some(int fd, char* to, std::size_t size) noexcept {
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
  ssize_t n = -1;
  do {
    n = ::read(fd, to, std::min(size, kMostAtOnce));
  } while (n < 0 && errno == EINTR);
  return n;
}

class FileCloser {
 public:
  explicit FileCloser(int fd) noexcept : fd_(fd) {}
  ~FileCloser() { ::close(fd_); }
  FileCloser(const FileCloser&) = delete;
  FileCloser& operator=(const FileCloser&) = delete;

 private:
  int fd_;
};

// Whether a text that begins like this may be JSON records: after a byte order mark and white space, it must
// continue with '{' or '['.
bool may_be_records(std::string_view begin) noexcept {
  if (begin.starts_with("\xEF\xBB\xBF")) begin.remove_prefix(3);
  const std::size_t first = begin.find_first_not_of(" \t\r\n");
  return first == begin.npos || begin[first] == '{' || begin[first] == '[';
}

}  // namespace

Result<Input> read_file(const std::filesystem::path& path, std::uint64_t most_bytes, bool only_records) {
  const int fd = open_file(path.c_str(), O_RDONLY);
  if (fd < 0) return io_error("cannot be read", errno);
  const FileCloser closer(fd);
  struct ::stat about {};
  if (::fstat(fd, &about) != 0) return io_error("cannot be read", errno);
  const std::uint64_t expected = S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(about.st_size) : 0;
  if (expected > most_bytes) {
    return limit_error({.input_bytes = most_bytes}, "input_bytes", "the input is too large");
  }
  // A regular file is read into a buffer of its size. For pipes and growing files, the buffer is doubled.
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  std::size_t capacity =
      std::max<std::size_t>(static_cast<std::size_t>(expected) + 1, expected > 0 ? 0 : kFirst);
  auto buffer = std::make_shared<PageBuffer>(capacity + load_padding, 0);
  std::size_t size = 0;
  for (;;) {
    // The first read is short, so that a file that cannot be JSON records is rejected early.
    const std::size_t wanted = std::min(capacity - size, size < kFirst ? kFirst - size : capacity);
    const ssize_t n = read_some(fd, buffer->data() + size, wanted);
    if (n < 0) return io_error("cannot be read", errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
    if (only_records && size <= kFirst && !may_be_records({buffer->data(), size})) break;
    if (size > most_bytes) break;  // a pipe, or a file that grew: the caller checks the size
    if (size < capacity) continue;
    capacity = std::max(capacity * 2, kFirst);
    auto larger = std::make_shared<PageBuffer>(capacity + load_padding, 0);
    std::memcpy(larger->data(), buffer->data(), size);
    buffer = std::move(larger);
  }
  std::memset(buffer->data() + size, 0, load_padding);
  const std::string_view text(buffer->data(), size);
  return Input{std::move(buffer), text, true};
}

// --- writing files ---

namespace {

namespace fs = std::filesystem;

// Follows the symbolic links of a path, dangling ones too. The file that they lead to need not exist.
Result<fs::path> follow_links(fs::path path) {
  constexpr int kMost = 40;  // the limit of Linux
  std::error_code failed;
  for (int i = 0; i < kMost; ++i) {
    if (fs::symlink_status(path, failed).type() != fs::file_type::symlink) return path;
    const fs::path target = fs::read_symlink(path, failed);
    if (failed) return io_error("cannot be written", failed.value());
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return io_error("cannot be written", ELOOP);
}

// The mode of a new file: rw-rw-rw- without the bits of the umask. Creates an empty file to find out, because
// umask() can be read only by changing it for all threads. REQUIRES: `name` does not exist.
::mode_t new_file_mode(const std::string& name) noexcept {
  ::mode_t mode = 0600;
  const int fd = ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0) return mode;
  struct ::stat about {};
  if (::fstat(fd, &about) == 0) mode = about.st_mode & 07777;
  ::close(fd);
  ::unlink(name.c_str());
  return mode;
}

int sync_folder(const char* folder) noexcept {
  const int fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (fd < 0 && errno == EACCES) return 0;  // the folder is writable but not readable
  if (fd < 0) return errno;
  const FileCloser closer(fd);
  // Some file systems cannot sync folders and report EINVAL.
  return ::fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
}

}  // namespace

ReplacedFile::ReplacedFile(const std::filesystem::path& path) {
  auto target = follow_links(path);
  if (!target) {
    fail(std::move(target).error());
    return;
  }
  path_ = target->string();
  folder_ = target->has_parent_path() ? target->parent_path().string() : ".";
  struct ::stat old {};
  if (::stat(path_.c_str(), &old) == 0) {
    if (!S_ISREG(old.st_mode)) {
      fail(make_error(ErrorCode::io_error, "cannot be written: not a regular file"));
      return;
    }
    mode_ = old.st_mode & 07777;
    owner_ = {old.st_uid, old.st_gid};
  } else if (errno != ENOENT) {
    fail(io_error("cannot be written", errno));
    return;
  }
  // mkostemp() sets the mode to 0600: only the owner can read the file until it is complete.
  temp_path_ = folder_ + "/syncdex-XXXXXX";  // short: the target's name may already have the maximum length
  fd_ = ::mkostemp(temp_path_.data(), O_CLOEXEC);
  if (fd_ < 0) {
    fail(io_error("cannot be written", errno));
    return;
  }
  if (!owner_) mode_ = new_file_mode(temp_path_ + "-mode");
}

ReplacedFile::~ReplacedFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temp_path_.c_str());
}

void ReplacedFile::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

bool ReplacedFile::write(std::string_view bytes) {
  while (!error_ && !bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      fail(io_error("cannot be written", n < 0 ? errno : EIO));
      break;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
    written_ += static_cast<std::uint64_t>(n);
  }
  return !error_;
}

// Gives the new file the mode of the old one and, where permitted, its owner and group.
int ReplacedFile::keep_attributes() noexcept {
  ::mode_t mode = mode_;
  if (owner_) {
    const auto [user, group] = *owner_;
    const bool kept = ::fchown(fd_, user, group) == 0 || ::fchown(fd_, static_cast<::uid_t>(-1), group) == 0;
    // The permissions of the old group must not apply to a different group.
    if (!kept) mode = (mode & ~::mode_t{07070}) | ((mode & 07) << 3);
  }
  return ::fchmod(fd_, mode) == 0 ? 0 : errno;
}

Result<std::uint64_t> ReplacedFile::commit() {
  const auto check = [&](int code) {
    if (code != 0) fail(io_error("cannot be written", code));
    return !error_;
  };
  const bool renamed = !error_ && check(keep_attributes()) && check(::fsync(fd_) == 0 ? 0 : errno) &&
                       check(::rename(temp_path_.c_str(), path_.c_str()) == 0 ? 0 : errno);
  if (!renamed) return *error_;
  ::close(std::exchange(fd_, -1));
  if (!check(sync_folder(folder_.c_str()))) return *error_;
  return written_;
}

}  // namespace syncdex::inline v0
