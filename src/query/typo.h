// Finds the text that a typed one probably means.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace syncdex::inline v0 {

// Nobody types longer texts.
constexpr std::size_t kLongestTyped = 64;

// How many single-byte edits turn one text into the other: with letter case ignored, then exactly. Ordered by
// nearness.
struct Distance {
  std::size_t folded;
  std::size_t exact;
  friend auto operator<=>(const Distance&, const Distance&) = default;
};

// The distance from what was typed, if it is small enough for a typo. Empty for equal texts.
// Cost: O(kLongestTyped^2).
std::optional<Distance> typo_distance(std::string_view text, std::string_view typed);

// The nearest of several texts; empty if none is near enough.
std::string_view nearest_of(std::span<const std::string_view> texts, std::string_view typed);

}  // namespace syncdex::inline v0
