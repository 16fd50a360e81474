// Finds the tokens of JSON text. The one file pair that knows simdjson.
//
// A token is a string, a scalar or one of {}[]:, and a TokenIndex lists where each one begins:
//
//   text      {"id": "a\"b", "n": 42}
//   tokens    ^^   ^ ^      ^^  ^ ^ ^
//
// Two ways to make the list:
//
//   fast       simdjson's first stage, some 10 GB/s. It also checks UTF-8, unescaped control
//              characters and unclosed strings; where any of that fails it only says so.
//              (Its members are simdjson's inner interface, which is why they stay in this file.)
//   portable   a plain loop over the bytes. It checks nothing but says where a string is not closed.
//              The slow twin in the tests, and the way to find out what the fast way refused.
//
// Neither checks escapes, scalars, or how tokens follow each other: that is record_reader's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace syncdex::inline v0 {

class TokenIndex {
 public:
  // Longest text that one index can hold.
  static constexpr std::size_t kMaxText = std::size_t{1} << 31;

  TokenIndex();
  ~TokenIndex();
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  // False where the text is refused; then nothing is indexed. REQUIRES: text.size() <= kMaxText
  bool build_fast(std::string_view text);

  // Indexes all tokens before the first string that is not closed; gives the offset of that string's
  // quote, or npos. REQUIRES: text.size() <= kMaxText
  std::size_t build_portable(std::string_view text);

  std::uint32_t size() const noexcept { return size_; }

  // Offsets from the start of the text; tokens()[size()] is the text's length.
  const std::uint32_t* tokens() const noexcept { return tokens_; }

  // Where the backslashes (and, on the same terms, the line feeds) are; ended by 0xFFFFFFFF.
  const std::uint32_t* backslashes() const noexcept { return backslashes_.data(); }
  const std::uint32_t* line_feeds() const noexcept { return line_feeds_.data(); }

 private:
  void mark(std::string_view text);

  struct Stage;  // simdjson's
  std::unique_ptr<Stage> stage_;
  std::vector<std::uint32_t> own_tokens_;
  const std::uint32_t* tokens_ = nullptr;
  std::uint32_t size_ = 0;
  std::vector<std::uint32_t> backslashes_;
  std::vector<std::uint32_t> line_feeds_;
};

}  // namespace syncdex::inline v0
