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

}  // namespace syncdex::test
