// Texts that were met lately, and a number for each: what most strings of a field or path come down to.
//
// Direct-mapped, by the first 8 bytes and the length. An entry holds the first 8 bytes and the last 8, so
// that a text of up to 16 is compared without a look at where it stood, which may be anywhere. Exact: a
// text that was found is the text that was put.
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

  // The number that was put, or kNone. REQUIRES (both): 8 readable bytes behind the text.
  std::uint32_t find(const char* text, std::uint32_t length) const noexcept {
    const std::uint64_t head = head_of(text, length);
    const Entry& e = entries_[place(head, length)];
    const bool same = e.head == head && e.tail == tail_of(text, length) && e.length == length &&
                      (length <= 16 || same_tail(e.text, text, length));
    return same ? e.number : kNone;
  }

  // REQUIRES: the text stays where it is.
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
