// Input bytes and their owner: a host's string, a file's content, or an adopted buffer. Also writes files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "syncdex/result.h"

namespace syncdex::inline v0 {

// REQUIRES: load_padding readable bytes after the text.
struct Input {
  std::shared_ptr<const void> owner;
  std::string_view text;
  // Nobody else uses this memory, so parts of it may be returned to the system before the owner is destroyed.
  bool ours = false;
};

// Takes ownership of the string. Copies it once if its capacity is too small for the padding.
Input own_text(std::string text);

// Reads a file once, into padded memory. Pipes and devices work too. Reading stops early in two cases, and
// the caller must then reject the text, which is incomplete:
//   - `only_records` is set, and the first byte after white space rules out JSON records;
//   - the text is longer than `most_bytes`. At most twice that, or 64 KiB if that is more, is read.
// Errors: io_error; limit_exceeded for a regular file that is too large, before it is read.
Result<Input> read_file(const std::filesystem::path& path, std::uint64_t most_bytes, bool only_records);

// Writes a file that is new or replaces an existing one. The bytes go to a temporary file in the same folder,
// which commit() syncs and renames. Without commit(), nothing is left behind. Symbolic links are followed. A
// target that exists and is not a regular file is rejected. The mode and, where permitted, the owner and
// group are kept.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::filesystem::path& path);
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;
  ~ReplacedFile();

  // Returns false if this or an earlier step failed; commit() returns the reason.
  bool write(std::string_view bytes);
  // Returns the number of bytes written; they are on disk then. Errors: io_error.
  Result<std::uint64_t> commit();

 private:
  void fail(Error error);
  int keep_attributes() noexcept;

  std::string path_;
  std::string folder_;
  std::string temp_path_;  // the temporary file
  int fd_ = -1;
  unsigned mode_ = 0600;
  std::optional<std::pair<unsigned, unsigned>> owner_;  // user and group of the file that is replaced, if any
  std::uint64_t written_ = 0;
  std::optional<Error> error_;
};

// The message is "<what>: <the system's text for the errno value>".
Error io_error(const char* what, int code);

}  // namespace syncdex::inline v0
