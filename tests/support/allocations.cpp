#include "support/allocations.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#if defined(__GNUC__) && !defined(__clang__)
// g++ sees free() where it expects operator delete. Both pairs are replaced together here.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace syncdex::test {

thread_local std::size_t allocations = 0;

namespace {

thread_local std::size_t good_left = SIZE_MAX;
thread_local bool fails_for_ever = false;
thread_local bool failed = false;
thread_local std::ptrdiff_t bytes_held = 0;
thread_local std::ptrdiff_t most_held = 0;

#if !defined(SYNCDEX_FOREIGN_NEW)
bool fails() noexcept {
  if (good_left == SIZE_MAX) return false;
  if (good_left > 0) {
    --good_left;
    return false;
  }
  if (!fails_for_ever) good_left = SIZE_MAX;
  return failed = true;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  if (fails()) throw std::bad_alloc();
  void* const p = alignment <= alignof(std::max_align_t)
                      ? std::malloc(bytes)
                      : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  bytes_held += static_cast<std::ptrdiff_t>(::malloc_usable_size(p));
  most_held = std::max(most_held, bytes_held);
  return p;
}

void deallocate(void* p) noexcept {
  if (p != nullptr) bytes_held -= static_cast<std::ptrdiff_t>(::malloc_usable_size(p));
  std::free(p);
}
#endif

}  // namespace

MemoryUse::MemoryUse() : before_(bytes_held) { most_held = bytes_held; }
std::size_t MemoryUse::held() const {
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, syncdex::test::bytes_held - before_));
}
std::size_t MemoryUse::peak() const { return static_cast<std::size_t>(most_held - before_); }

FailingAllocations::FailingAllocations(std::size_t good, bool for_ever) {
  failed = false;
  fails_for_ever = for_ever;
  good_left = good;
}
FailingAllocations::~FailingAllocations() { good_left = SIZE_MAX; }
bool FailingAllocations::any_failed() { return failed; }

PausedFailures::PausedFailures() : good_left_(std::exchange(good_left, SIZE_MAX)) {}
PausedFailures::~PausedFailures() { good_left = good_left_; }

}  // namespace syncdex::test

#if !defined(SYNCDEX_FOREIGN_NEW)
using syncdex::test::allocate;

void* operator new(std::size_t bytes) { return allocate(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++syncdex::test::allocations;
  if (syncdex::test::fails()) return nullptr;
  void* const p = std::malloc(bytes);
  if (p != nullptr) syncdex::test::bytes_held += static_cast<std::ptrdiff_t>(::malloc_usable_size(p));
  return p;
}
// The array forms are replaced too: a sanitizer's runtime defines its own, which would bypass these.
void* operator new[](std::size_t bytes) { return allocate(bytes, 1); }
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, const std::nothrow_t& nothrow) noexcept {
  return operator new(bytes, nothrow);
}
void operator delete[](void* p, const std::nothrow_t&) noexcept { syncdex::test::deallocate(p); }
void operator delete[](void* p) noexcept { syncdex::test::deallocate(p); }
void operator delete[](void* p, std::size_t) noexcept { syncdex::test::deallocate(p); }
void operator delete[](void* p, std::align_val_t) noexcept { syncdex::test::deallocate(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { syncdex::test::deallocate(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { syncdex::test::deallocate(p); }
void operator delete(void* p) noexcept { syncdex::test::deallocate(p); }
void operator delete(void* p, std::size_t) noexcept { syncdex::test::deallocate(p); }
void operator delete(void* p, std::align_val_t) noexcept { syncdex::test::deallocate(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { syncdex::test::deallocate(p); }
#endif
