// Means of attack: little stacks, unreadable pages, strings that collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace syncdex::test {

// Runs f on a thread with this little stack.
void on_small_stack(std::size_t bytes, const std::function<void()>& f);

// A copy of `text`, with `padding` bytes of `fill` behind it, whose last byte is the last before a page that
// nobody may read.
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

// 2^steps strings of `steps` times 16 bytes of UTF-8 with one std::hash, that of libstdc++ on 64 bits.
std::vector<std::string> std_hash_collisions(unsigned steps);

// 2^steps strings of `steps` times 8 letters whose boost::hash (before 1.81) has the same lower 32 bits: one
// bucket of any table of 2^32 buckets or fewer, if their number is a power of two.
std::vector<std::string> boost_hash_collisions(unsigned steps);

// A short text, n times with what the function makes of the number, joined.
std::string repeated(std::size_t n, const std::function<std::string(std::size_t)>& make, char between = ',');

// Seconds on the clock that f takes, the least of some runs.
double seconds(const std::function<void()>& f, int runs = 3);

// The greatest resident size of a process of its own that runs f, above what it had before; in bytes.
std::size_t peak_bytes(const std::function<void()>& f);

}  // namespace syncdex::test
