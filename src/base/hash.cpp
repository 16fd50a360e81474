#include "base/hash.h"

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

// Odd, so that no word is zero.
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

namespace {

constexpr std::uint64_t kFnvBegin = 0xCBF2'9CE4'8422'2325;

// FNV-1a.
std::uint64_t fnv(std::uint64_t h, std::string_view text) noexcept {
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return h;
}

}  // namespace

std::uint64_t stable_hash(std::string_view text) noexcept { return finish_hash(fnv(kFnvBegin, text)); }

std::uint32_t short_hash(std::string_view text) noexcept {
  return static_cast<std::uint32_t>(hash_bytes(hash_seed(), text.data(), text.size()) >> 32);
}

std::uint32_t fingerprint(std::string_view text) noexcept {
  // Hashes the length and, of a long text, 66 samples: both ends and 64 places in between. Unseeded, because
  // a cursor may come back to another process that has loaded the same text.
  std::uint64_t h = kFnvBegin;
  for (std::size_t n = text.size(); n != 0; n >>= 8) {
    const auto byte = static_cast<char>(n & 0xFF);
    h = fnv(h, {&byte, 1});
  }
  constexpr std::size_t kPiece = 64;
  constexpr std::size_t kPieces = 66;
  if (text.size() <= kPiece * kPieces) {
    h = fnv(h, text);
  } else {
    const std::size_t step = (text.size() - kPiece) / (kPieces - 1);
    for (std::size_t i = 0; i < kPieces; ++i) h = fnv(h, text.substr(i * step, kPiece));
  }
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

std::uint32_t fingerprint(std::uint32_t text, std::uint64_t version) noexcept {
  const std::uint64_t h = finish_hash(version * 0x9E37'79B9'7F4A'7C15 ^ text);
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

}  // namespace syncdex::inline v0
