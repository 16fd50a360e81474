// The bytes that records are loaded from, and what keeps them: a host's string, a file's content, an adopted
// buffer. And files that are written.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "syncdex/result.h"

namespace syncdex::inline v0 {

// REQUIRES: Catalog::padding readable bytes behind the text.
struct Input {
  std::shared_ptr<const void> owner;
  std::string_view text;
  // The memory is ours alone: what nobody reads any more may be given back before all of it is.
  bool ours = false;
};

// Takes the string over; copies it once where it lacks room for the padding.
Input own_text(std::string text);

// Reads a file once, into padded memory; what is not regular, too. Errors: io_error, limit_exceeded.
Result<Input> read_file(const std::filesystem::path& path, std::uint64_t most_bytes);

// A file that is to take another's place, or none: what is written goes to one beside it, in the same folder,
// which commit() renames. Without that, nothing is left behind.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::filesystem::path& path);
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;
  ~ReplacedFile();

  // False: it failed, and commit() will say why.
  bool write(std::string_view bytes) noexcept;
  // Gives the bytes written, which are on the disk. Errors: io_error.
  Result<std::uint64_t> commit();

 private:
  std::string path_;
  std::string beside_;
  std::FILE* file_ = nullptr;
  std::uint64_t written_ = 0;
  int error_ = 0;
};

// "what: the system's words for errno's value".
Error io_error(const char* what, int code);

}  // namespace syncdex::inline v0
