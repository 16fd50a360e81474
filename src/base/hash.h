// Hashing with a seed drawn once a process, so that nobody outside can prepare colliding input.
//
// The scheme is multiply-and-fold: two words, each masked with a secret, are multiplied to 128 bits
// and the halves are combined. A hash only ever picks a place to look; what is found there is
// compared in full, so no answer depends on it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace syncdex::inline v0 {

static_assert(std::endian::native == std::endian::little, "words are read from text as little-endian");

__extension__ using uint128 = unsigned __int128;

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const uint128 product = static_cast<uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t load64(const char* p) noexcept {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

inline std::uint32_t load32(const char* p) noexcept {
  std::uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// The first bytes of a text of `length` bytes, as a word, zeros behind. REQUIRES: 8 readable bytes.
inline std::uint64_t head_of(const char* text, std::size_t length) noexcept {
  const std::uint64_t word = load64(text);
  return length >= 8 ? word : word & ((std::uint64_t{1} << (length * 8)) - 1);
}

// Whether two texts of n bytes are the same behind their first 8. REQUIRES: n >= 8. Inline, since for
// texts of a few words the call of memcmp costs more than the comparison.
inline bool same_tail(const char* a, const char* b, std::size_t n) noexcept {
  for (std::size_t i = 8; i + 8 <= n; i += 8) {
    if (load64(a + i) != load64(b + i)) return false;
  }
  return load64(a + n - 8) == load64(b + n - 8);
}

struct HashSeed {
  std::uint64_t a;
  std::uint64_t b;
  std::uint64_t c;
};

// The process's seed. Never fails: without a source of randomness, addresses and time serve.
const HashSeed& hash_seed() noexcept;
// The seed of hashes that callers see. Unrelated to hash_seed(), so that nobody can choose texts by them
// that collide in our tables.
const HashSeed& public_hash_seed() noexcept;

// The finisher of MurmurHash3, which lets every bit of the word reach every other.
inline std::uint64_t finish_hash(std::uint64_t h) noexcept {
  h = (h ^ h >> 33) * 0xFF51'AFD7'ED55'8CCD;
  h = (h ^ h >> 33) * 0xC4CE'B9FE'1A85'EC53;
  return h ^ h >> 33;
}

// Unseeded 64-bit FNV-1a with a finisher: the same in every process. For cursors and ETags, never for tables.
std::uint64_t stable_hash(std::string_view text) noexcept;

// Two words into one; not symmetric.
inline std::uint64_t mix(const HashSeed& seed, std::uint64_t x, std::uint64_t y) noexcept {
  return fold(x ^ seed.a, y ^ seed.b) ^ seed.c;
}

inline std::uint64_t hash_bytes(const HashSeed& seed, const char* p, std::size_t n) noexcept {
  std::uint64_t h = seed.c ^ n;
  std::size_t left = n;
  for (; left > 16; left -= 16, p += 16) {
    h = fold(load64(p) ^ seed.a, load64(p + 8) ^ h);
  }
  std::uint64_t x = 0;
  std::uint64_t y = 0;
  if (left >= 8) {
    x = load64(p);
    y = load64(p + left - 8);
  } else if (left >= 4) {
    x = load32(p);
    y = load32(p + left - 4);
  } else if (left > 0) {
    x = static_cast<unsigned char>(p[0]) |
        static_cast<std::uint64_t>(static_cast<unsigned char>(p[left / 2])) << 8 |
        static_cast<std::uint64_t>(static_cast<unsigned char>(p[left - 1])) << 16;
  }
  return fold(seed.b ^ h, fold(x ^ seed.a, y ^ h) ^ seed.c);
}

// The hash that entries keep of ids and names.
std::uint32_t short_hash(std::string_view text) noexcept;

// Tells texts apart, the same in every process. Cost: O(1), it samples.
std::uint32_t fingerprint(std::string_view text) noexcept;
// Of a text that came back as a later version of a live catalog.
std::uint32_t fingerprint(std::uint32_t text, std::uint64_t version) noexcept;

}  // namespace syncdex::inline v0
