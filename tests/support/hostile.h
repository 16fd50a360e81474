// Tools for adversarial tests: small stacks, unreadable pages, colliding strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "syncdex/syncdex.h"

namespace syncdex::test {

// Runs f on a thread with a stack of this size.
void on_small_stack(std::size_t bytes, const std::function<void()>& f);

// A copy of `text`, followed by `padding` bytes of `fill`. An unreadable page follows directly, so that
// reading further crashes.
class GuardedText {
 public:
  explicit GuardedText(std::string_view text, std::size_t padding = 0, char fill = 0);
  GuardedText(const GuardedText&) = delete;
  GuardedText& operator=(const GuardedText&) = delete;
  ~GuardedText();

  std::string_view text() const noexcept { return text_; }

 private:
  void* pages_;
  std::size_t bytes_;
  std::string_view text_;
};

// Returns 2^steps strings of 16 * steps bytes of UTF-8 that have the same std::hash in 64-bit libstdc++.
std::vector<std::string> std_hash_collisions(unsigned steps);

// Returns 2^steps strings of 8 * steps letters whose boost::hash (before Boost 1.81) has the same low 32
// bits. They share a bucket in any table whose number of buckets is a power of two up to 2^32.
std::vector<std::string> boost_hash_collisions(unsigned steps);

// Returns make(0) to make(n - 1), joined by `between`.
std::string repeated(std::size_t n, const std::function<std::string(std::size_t)>& make, char between = ',');

// Returns how many allocations f makes on this thread.
std::size_t allocations_of(const std::function<void()>& f);

// Returns the most hashes that share a bucket of a table with a bucket for each of them, by their upper and
// by their lower bits. A few, unless whoever chose what was hashed knew the seed.
std::size_t longest_bucket(const std::vector<std::uint64_t>& hashes);

// Runs f in a child process. Returns by how many bytes its peak resident size exceeds its size before f.
std::size_t peak_bytes(const std::function<void()>& f);

#if defined(SYNCDEX_SANITIZED)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#if defined(NDEBUG)
inline constexpr bool kSlow = kSanitized;
#else
inline constexpr bool kSlow = true;
#endif

inline std::string times(std::size_t n, std::string_view text) {
  std::string out;
  out.reserve(n * text.size());
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

inline std::string nested(std::size_t depth, std::string_view open, std::string_view inner,
                          std::string_view close) {
  return times(depth, open).append(inner) + times(depth, close);
}

// Unwraps a result that must not fail, and throws otherwise, in any build.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().limit);
  return *std::move(result);
}

inline LoadOptions skipping() {
  LoadOptions options;
  options.skip_bad = true;
  return options;
}

inline std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    static const char* const kHex = "0123456789abcdef";
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

}  // namespace syncdex::test
