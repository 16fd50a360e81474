// Every allocation of the test program on this thread: counted, and made to fail on demand.
#pragma once

#include <cstddef>
#include <cstdint>

namespace syncdex::test {

// Not under clang's thread sanitizer, whose runtime has the operators itself.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYNCDEX_FOREIGN_NEW
#endif
#endif

extern thread_local std::size_t allocations;

// The bytes that this thread has allocated since this object was made, as malloc() rounds them: what is still
// held, and the most that was held at once. 0 where the operators are a sanitizer's.
class MemoryUse {
 public:
  MemoryUse();
  std::size_t held() const;
  std::size_t peak() const;

 private:
  std::ptrdiff_t before_;
};

// For as long as it lives, the allocation after the next `good` ones fails on this thread, and with
// `for_ever` all after it.
class FailingAllocations {
 public:
  explicit FailingAllocations(std::size_t good, bool for_ever);
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;
  ~FailingAllocations();

  static bool any_failed();
};

// For as long as it lives, allocations on this thread succeed: for callbacks of the call that is made to
// fail.
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
