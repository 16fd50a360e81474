// The bytes that records are loaded from, and what keeps them: a host's string, a file's content, an adopted
// buffer. And files that are written.
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

// REQUIRES: load_padding readable bytes behind the text.
struct Input {
  std::shared_ptr<const void> owner;
  std::string_view text;
  // The memory is ours alone: what nobody reads any more may be given back before all of it is.
  bool ours = false;
};

// Takes the string over; copies it once where it lacks room for the padding.
Input own_text(std::string text);

// Reads a file once, into padded memory; pipes and devices too. With `only_records`, a file whose first byte
// rules out JSON records is read no further: its text then ends early, and is for the loader to refuse; so is
// a text longer than `most_bytes`, of which no more than twice that is read.
// Errors: io_error; limit_exceeded for a regular file, before it is read.
Result<Input> read_file(const std::filesystem::path& path, std::uint64_t most_bytes, bool only_records);

// Writes a file that replaces another, or creates it. The bytes go to a temporary file in the same folder,
// which commit() syncs and renames; without commit() nothing is left behind. Symbolic links are followed.
// What exists and is not a regular file is refused. Mode and, where permitted, owner and group are kept.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::filesystem::path& path);
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;
  ~ReplacedFile();

  // False if this or an earlier step failed; commit() returns the reason.
  bool write(std::string_view bytes);
  // Returns the number of bytes written, which are on disk. Errors: io_error.
  Result<std::uint64_t> commit();

 private:
  void fail(Error error);
  int keep_attributes() noexcept;

  std::string path_;
  std::string folder_;
  std::string beside_;  // the temporary file
  int fd_ = -1;
  unsigned mode_ = 0600;
  std::optional<std::pair<unsigned, unsigned>> owner_;  // user and group of the file that is replaced
  std::uint64_t written_ = 0;
  std::optional<Error> error_;
};

// "what: the system's words for errno's value".
Error io_error(const char* what, int code);

}  // namespace syncdex::inline v0
