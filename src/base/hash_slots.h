// A hash table of numbers, with open addressing. It does not contain what the numbers stand for: the caller
// compares.
//
// A slot holds 32 bits of the hash, the tag, and the number. The place depends on the tag alone, so that the
// table can be rebuilt from its slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace syncdex::inline v0 {

class HashSlots {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  explicit HashSlots(std::size_t expected = 1024);

  void prefetch(std::uint32_t tag) const noexcept { __builtin_prefetch(&slots_[place(tag)]); }

  // Returns the first number with this tag for which same(number) is true, or kNone.
  template <class Same>
  std::uint32_t find(std::uint32_t tag, Same same) const {
    for (std::size_t at = place(tag);; at = next(at)) {
      const Slot slot = slots_[at];
      if (slot.number == kNone) return kNone;
      if (slot.tag == tag && same(slot.number)) return slot.number;
    }
  }
  // The first number with this tag. A guess, for prefetching.
  std::uint32_t guess(std::uint32_t tag) const noexcept {
    return find(tag, [](std::uint32_t) { return true; });
  }
  // REQUIRES: the table has no equal entry; number != kNone.
  void insert(std::uint32_t tag, std::uint32_t number);
  // Puts the number in the place of the one for which same() is true, and returns that one; or inserts it.
  template <class Same>
  std::optional<std::uint32_t> replace(std::uint32_t tag, std::uint32_t number, Same same) {
    for (std::size_t at = place(tag);; at = next(at)) {
      Slot& slot = slots_[at];
      if (slot.number == kNone) break;
      if (slot.tag == tag && same(slot.number)) return std::exchange(slot.number, number);
    }
    insert(tag, number);
    return std::nullopt;
  }

  // Calls visit(tag, number) for each number.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.number != kNone) visit(slot.tag, slot.number);
    }
  }
  // Makes room for so many numbers in all.
  void reserve(std::size_t numbers) {
    if (numbers * 4 > slots_.size() * 3) rebuild(numbers * 2);
  }
  // Releases memory that is reserved for growth.
  void shrink();

  std::size_t bytes() const noexcept { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t tag;
    std::uint32_t number;
  };
  std::size_t place(std::uint32_t tag) const noexcept {
    return static_cast<std::size_t>((std::uint64_t{tag} * slots_.size()) >> 32);
  }
  std::size_t next(std::size_t at) const noexcept { return at + 1 == slots_.size() ? 0 : at + 1; }
  void rebuild(std::size_t slots);
  void place_slot(Slot slot) noexcept;

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace syncdex::inline v0
