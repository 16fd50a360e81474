#include "input.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "page_buffer.h"
#include "syncdex/catalog.h"

namespace syncdex::inline v0 {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

Error io_error(const char* what, int code) {
  Error e;
  e.code = ErrorCode::io_error;
  e.message = fmt::format("{}: {}", what, std::generic_category().message(code));
  return e;
}

Input own_text(std::string json) {
  if (json.capacity() - json.size() >= Catalog::padding) {
    // The bytes stay where they are: a string moved into its owner keeps its buffer, as long as that
    // is not the one inside the object, which is far smaller than the padding.
    auto owner = std::make_shared<const std::string>(std::move(json));
    const std::string_view text = *owner;
    return {std::move(owner), text, true};
  }
  auto buffer = std::make_shared<PageBuffer>(json.size() + Catalog::padding);
  std::memcpy(buffer->data(), json.data(), json.size());
  std::memset(buffer->data() + json.size(), 0, Catalog::padding);
  const std::string_view text(buffer->data(), json.size());
  return {std::move(buffer), text, true};
}

Result<Input> read_file(const std::filesystem::path& path, std::uint64_t most_bytes) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return io_error("cannot be read", errno);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // straight into place
  std::error_code ignored;
  const std::uintmax_t expected =
      std::filesystem::is_regular_file(path, ignored) ? std::filesystem::file_size(path, ignored) : 0;
  if (!ignored && expected > most_bytes) {
    Error e;
    e.code = ErrorCode::limit_exceeded;
    e.message = "the input is too large";
    e.limit = "input_bytes";
    return e;
  }
  // A regular file is read into a buffer of its size; what has none, or grows, doubles it.
  std::size_t capacity = (ignored ? 0 : static_cast<std::size_t>(expected)) + 1;
  auto buffer = std::make_shared<PageBuffer>(capacity + Catalog::padding);
  std::size_t size = 0;
  for (;;) {
    const std::size_t n = std::fread(buffer->data() + size, 1, capacity - size, file.get());
    size += n;
    if (std::ferror(file.get()) != 0) return io_error("cannot be read", errno);
    if (n == 0 && std::feof(file.get()) != 0) break;
    if (size < capacity) continue;
    if (size > most_bytes) break;
    capacity = std::max<std::size_t>(capacity * 2, 1 << 16);
    auto larger = std::make_shared<PageBuffer>(capacity + Catalog::padding);
    std::memcpy(larger->data(), buffer->data(), size);
    buffer = std::move(larger);
  }
  std::memset(buffer->data() + size, 0, Catalog::padding);
  const std::string_view text(buffer->data(), size);
  return Input{std::move(buffer), text, true};
}

ReplacedFile::ReplacedFile(const std::filesystem::path& path) : path_(path.string()) {
  std::error_code none;  // a file that is not there yet
  if (const auto target = std::filesystem::canonical(path, none); !none) path_ = target.string();
  // Others may be writing the same file, or may have been stopped while they did.
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries && file_ == nullptr; ++i) {
    beside_ = fmt::format("{}.new-{}", path_, i);
    file_ = std::fopen(beside_.c_str(), "wbx");
    if (file_ == nullptr && errno != EEXIST) break;
  }
  struct ::stat old {};
  if (file_ == nullptr) {
    error_ = errno;
  } else if (::stat(path_.c_str(), &old) == 0 && ::fchmod(::fileno(file_), old.st_mode & 07777) != 0) {
    error_ = errno;
  }
}

ReplacedFile::~ReplacedFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::remove(beside_.c_str());
}

bool ReplacedFile::write(std::string_view bytes) noexcept {
  if (error_ != 0) return false;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) error_ = errno;
  written_ += bytes.size();
  return error_ == 0;
}

Result<std::uint64_t> ReplacedFile::commit() {
  if (error_ == 0 && (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0)) error_ = errno;
  if (error_ == 0 && std::rename(beside_.c_str(), path_.c_str()) != 0) error_ = errno;
  if (error_ != 0) return io_error("cannot be written", error_);
  std::fclose(std::exchange(file_, nullptr));
  return written_;
}

}  // namespace syncdex::inline v0
