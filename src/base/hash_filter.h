// A blocked Bloom filter of the hashes in a segment. Each hash sets three bits in one 64-bit word, so a
// lookup costs one memory access, and the accesses to all segments can be prefetched together. The false
// positive rate is about 3 %.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace syncdex::inline v0 {

class HashFilter {
 public:
  explicit HashFilter(std::size_t hashes = 0) : words_(hashes / 8 + 1) {}

  void add(std::uint32_t hash) noexcept { words_[place(hash)] |= bits(hash); }
  bool may_contain(std::uint32_t hash) const noexcept {
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
