// Counts the allocations of the test program on the current thread, and makes them fail on demand.
#pragma once

#include <cstddef>
#include <cstdint>

namespace syncdex::test {

// Disabled under clang's ThreadSanitizer, whose runtime defines these operators itself.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYNCDEX_FOREIGN_NEW
#endif
#endif

extern thread_local std::size_t allocations;

// Measures the bytes that this thread has allocated since the object was constructed, as rounded up by
// malloc(): the bytes still held, and the peak. Both are 0 if the operators are a sanitizer's.
class MemoryUse {
 public:
  MemoryUse();
  std::size_t held() const;
  std::size_t peak() const;

 private:
  std::ptrdiff_t before_;
};

// While an object of this class lives, the allocation after the next `good` ones on this thread fails. With
// `for_ever`, all later ones fail too.
class FailingAllocations {
 public:
  explicit FailingAllocations(std::size_t good, bool for_ever);
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;
  ~FailingAllocations();

  static bool any_failed();
};

// While an object of this class lives, allocations on this thread succeed. Used by callbacks that run within
// a call under FailingAllocations.
class PausedFailures {
 public:
  PausedFailures();
  PausedFailures(const PausedFailures&) = delete;
  PausedFailures& operator=(const PausedFailures&) = delete;
  ~PausedFailures();

 private:
  std::size_t good_left_;
};

}  // namespace syncdex::test
