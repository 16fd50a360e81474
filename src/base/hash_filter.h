// Which hashes a segment may hold: three bits each in one word (a blocked Bloom filter), so that asking a
// segment costs one memory access, which can be fetched ahead for all segments at once. Some 3 % of the
// hashes that are not held seem to be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace syncdex::inline v0 {

class HashFilter {
 public:
  explicit HashFilter(std::size_t hashes = 0) : words_(hashes / 8 + 1) {}

  void add(std::uint32_t hash) noexcept { words_[place(hash)] |= bits(hash); }
  bool may_hold(std::uint32_t hash) const noexcept {
    return (words_[place(hash)] & bits(hash)) == bits(hash);
  }
  void prefetch(std::uint32_t hash) const noexcept { __builtin_prefetch(&words_[place(hash)]); }

  std::size_t bytes() const noexcept { return words_.capacity() * sizeof(std::uint64_t); }

 private:
  std::size_t place(std::uint32_t hash) const noexcept {
    return static_cast<std::size_t>((std::uint64_t{hash} * words_.size()) >> 32);
  }
  static std::uint64_t bits(std::uint32_t hash) noexcept {
    const std::uint64_t h = (hash * 0x9E37'79B9'7F4A'7C15u) >> 40;
    return std::uint64_t{1} << (h & 63) | std::uint64_t{1} << (h >> 6 & 63) |
           std::uint64_t{1} << (h >> 12 & 63);
  }

  std::vector<std::uint64_t> words_;
};

}  // namespace syncdex::inline v0
