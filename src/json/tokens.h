// Finds the tokens of JSON text. Only this pair of files uses simdjson.
//
// A token is a string, a scalar or one of {}[]:, and a TokenIndex lists where each one begins:
//
//   text      {"id": "a\"b", "n": 42}
//   tokens    ^^   ^ ^     ^ ^  ^ ^ ^
//
// There are two ways to build the list:
//
//   fast       The first stage of simdjson, about 10 GB/s. It also checks for invalid UTF-8, unescaped
//              control characters and unclosed strings, but reports only that there is such an error. It
//              uses simdjson's internal API, which is why it is confined to this file.
//   portable   A plain loop over the bytes. It reports the first unclosed string and checks nothing else.
//              Tests compare the fast way with it, and the loader uses it to find out what the fast way
//              rejected.
//
// Neither checks escapes, scalars, or the order of tokens; load/record_reader does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace syncdex::inline v0 {

class TokenIndex {
 public:
  // The longest text that one index can hold.
  static constexpr std::size_t kMaxText = std::size_t{1} << 31;

  TokenIndex();
  ~TokenIndex();
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  // Returns false and leaves the index empty if the text is invalid, or if simdjson was destroyed at exit.
  // REQUIRES: text.size() <= kMaxText.
  bool build_fast(std::string_view text);

  // Indexes the tokens before the first unclosed string. Returns the offset of that string's quote, or npos.
  // REQUIRES: text.size() <= kMaxText.
  std::size_t build_portable(std::string_view text);

  std::uint32_t size() const noexcept { return size_; }

  // Offsets from the start of the text. tokens()[size()] is the length of the text or, if build_portable()
  // found an unclosed string, the offset of its quote.
  const std::uint32_t* tokens() const noexcept { return tokens_; }

  // Offsets of the backslashes and of the line feeds. Each list ends with 0xFFFFFFFF.
  const std::uint32_t* backslashes() const noexcept { return backslashes_.data(); }
  const std::uint32_t* line_feeds() const noexcept { return line_feeds_.data(); }

 private:
  void mark(std::string_view text);

  struct Stage;  // simdjson's parser
  std::unique_ptr<Stage> stage_;
  std::vector<std::uint32_t> own_tokens_;
  const std::uint32_t* tokens_ = nullptr;
  std::uint32_t size_ = 0;
  std::vector<std::uint32_t> backslashes_;
  std::vector<std::uint32_t> line_feeds_;
};

}  // namespace syncdex::inline v0
