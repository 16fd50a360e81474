// Hashing with a seed that is drawn once per process, so that nobody outside can prepare colliding input.
//
// The scheme is multiply-and-fold: two words, each XORed with a secret, are multiplied to 128 bits, and the
// two halves are XORed. A hash table uses a hash only to choose where to look and compares what it finds in
// full, so a collision never changes an answer. The unseeded hashes below (stable_hash, fingerprint) identify
// queries and texts in cursors and ETags, where nothing else is compared.
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

// The first 8 bytes of a text of `length` bytes as a word; a shorter text is padded with zeros.
// REQUIRES: 8 readable bytes at `text`.
inline std::uint64_t head_of(const char* text, std::size_t length) noexcept {
  const std::uint64_t word = load64(text);
  return length >= 8 ? word : word & ((std::uint64_t{1} << (length * 8)) - 1);
}

// Whether two texts of n bytes are equal after their first 8 bytes. Inline, because for texts of a few words
// a call of memcmp costs more than the comparison. REQUIRES: n >= 8.
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

// The seed of this process. Never fails: without a source of randomness, addresses and the time are used.
const HashSeed& hash_seed() noexcept;
// The seed of hashes that callers see. Unrelated to hash_seed(), so that visible hashes do not help anyone to
// choose texts that collide in our tables.
const HashSeed& public_hash_seed() noexcept;

// The finalizer of MurmurHash3: every input bit affects every output bit.
inline std::uint64_t finish_hash(std::uint64_t h) noexcept {
  h = (h ^ h >> 33) * 0xFF51'AFD7'ED55'8CCD;
  h = (h ^ h >> 33) * 0xC4CE'B9FE'1A85'EC53;
  return h ^ h >> 33;
}

// Unseeded 64-bit FNV-1a with a finalizer, the same in every process. For cursors and ETags, never for
// tables.
std::uint64_t stable_hash(std::string_view text) noexcept;

// Adds a word to such a hash.
inline std::uint64_t add_to_stable_hash(std::uint64_t hash, std::uint64_t word) noexcept {
  return finish_hash(hash ^ word * 0x9E37'79B9'7F4A'7C15);
}

// Combines two words into one. Not symmetric.
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

// The seeded 32-bit hash that record tables store for ids and names.
std::uint32_t short_hash(std::string_view text) noexcept;

// Unseeded, the same in every process, and as fast as hash_bytes(): for contents of any size.
inline std::uint64_t content_hash(std::string_view bytes) noexcept {
  constexpr HashSeed kFixed{0x9E37'79B9'7F4A'7C15, 0xD6E8'FEB8'6659'FD93, 0xA076'1D64'78BD'642F};
  return hash_bytes(kFixed, bytes.data(), bytes.size());
}

// Identifies a text. The same in every process. Cost: O(1), because the text is sampled.
std::uint32_t fingerprint(std::string_view text) noexcept;
// Identifies a text that a live catalog loads again, as this version.
std::uint32_t fingerprint(std::uint32_t text, std::uint64_t version) noexcept;

}  // namespace syncdex::inline v0
