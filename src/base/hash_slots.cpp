#include "base/hash_slots.h"

#include <algorithm>

namespace syncdex::inline v0 {

HashSlots::HashSlots(std::size_t expected) {
  slots_.assign(std::max<std::size_t>(8, expected * 4 / 3 + 1), {0, kNone});
}

void HashSlots::place_slot(Slot slot) noexcept {
  std::size_t at = place(slot.tag);
  while (slots_[at].number != kNone) at = next(at);
  slots_[at] = slot;
}

void HashSlots::rebuild(std::size_t slots) {
  std::vector<Slot> old(slots, Slot{0, kNone});
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.number != kNone) place_slot(slot);
  }
}

void HashSlots::insert(std::uint32_t tag, std::uint32_t number) {
  if ((used_ + 1) * 4 > slots_.size() * 3) rebuild(slots_.size() * 2);
  place_slot({tag, number});
  ++used_;
}

void HashSlots::shrink() {
  const std::size_t wanted = std::max<std::size_t>(8, used_ * 4 / 3 + 1);
  if (slots_.size() > wanted + wanted / 8) rebuild(wanted);
}

}  // namespace syncdex::inline v0
