#include "hash.h"

#include <chrono>
#include <random>

namespace syncdex::inline v0 {
namespace {

std::uint64_t random_word() noexcept {
  static thread_local int anchor = 0;
  auto fallback = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  fallback ^= reinterpret_cast<std::uintptr_t>(&anchor);
  try {
    std::random_device device;
    return fallback ^ (static_cast<std::uint64_t>(device()) << 32 | device());
  } catch (...) {
    return fold(fallback, 0x9E3779B97F4A7C15u);
  }
}

}  // namespace

const HashSeed& hash_seed() noexcept {
  // An odd word with many bits set never turns a whole product to zero by itself.
  static const HashSeed seed{random_word() | 1, random_word() | 1, random_word() | 1};
  return seed;
}

}  // namespace syncdex::inline v0
