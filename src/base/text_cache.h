// A cache of recent texts with a number for each. Most strings of one field or path are found in it.
//
// Direct-mapped by the first 8 bytes and the length. An entry stores the first and the last 8 bytes, so a
// text of up to 16 bytes is compared without reading the cached text itself, which may be anywhere in memory.
// The comparison is exact.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/hash.h"

namespace syncdex::inline v0 {

// `kPlaces` is a power of two.
template <std::size_t kPlaces>
class TextCache {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  // Returns the number that was put for this text, or kNone. REQUIRES (also for put()): 8 readable bytes at
  // `text`.
  std::uint32_t find(const char* text, std::uint32_t length) const noexcept {
    const std::uint64_t head = head_of(text, length);
    const Entry& e = entries_[place(head, length)];
    const bool same = e.head == head && e.tail == tail_of(text, length) && e.length == length &&
                      (length <= 16 || same_tail(e.text, text, length));
    return same ? e.number : kNone;
  }

  // REQUIRES: the text stays valid and does not move.
  void put(const char* text, std::uint32_t length, std::uint32_t number) noexcept {
    const std::uint64_t head = head_of(text, length);
    entries_[place(head, length)] = {head, tail_of(text, length), text, length, number};
  }

 private:
  struct Entry {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    const char* text = nullptr;
    std::uint32_t length = 0;
    std::uint32_t number = kNone;
  };
  static std::uint64_t tail_of(const char* text, std::uint32_t length) noexcept {
    return length >= 8 ? load64(text + length - 8) : 0;
  }
  static std::size_t place(std::uint64_t head, std::uint32_t length) noexcept {
    constexpr int kShift = 64 - std::countr_zero(kPlaces);
    return static_cast<std::size_t>(((head ^ length) * 0x9E37'79B9'7F4A'7C15u) >> kShift);
  }

  std::array<Entry, kPlaces> entries_;
};

}  // namespace syncdex::inline v0
