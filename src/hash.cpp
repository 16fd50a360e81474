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

// An odd word never turns a whole product to zero.
HashSeed random_seed() noexcept { return {random_word() | 1, random_word() | 1, random_word() | 1}; }

}  // namespace

const HashSeed& hash_seed() noexcept {
  static const HashSeed seed = random_seed();
  return seed;
}

const HashSeed& public_hash_seed() noexcept {
  static const HashSeed seed = random_seed();
  return seed;
}

std::uint64_t stable_hash(std::string_view text) noexcept {
  std::uint64_t h = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return finish_hash(h);
}

}  // namespace syncdex::inline v0
