#include "query/typo.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace syncdex::inline v0 {
namespace {

std::size_t edits(std::string_view a, std::string_view b, bool fold) {
  const auto letter = [fold](char c) {
    return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  };
  std::size_t row[kLongestTyped + 1];
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (letter(a[i - 1]) == letter(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, diagonal + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

namespace {

std::string ascii_of(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return out;
}

// Texts that differ in how accents are written are near, however many bytes those take.
std::optional<std::size_t> edits_beside_accents(std::string_view a, std::string_view b) {
  constexpr std::size_t kEnough = 3;  // letters to compare by
  const std::string x = ascii_of(a);
  const std::string y = ascii_of(b);
  if ((x.size() == a.size() && y.size() == b.size()) || std::min(x.size(), y.size()) < kEnough)
    return std::nullopt;
  return 1 + edits(x, y, true);
}

}  // namespace

std::optional<Distance> typo_distance(std::string_view text, std::string_view typed) {
  if (text.size() > kLongestTyped || typed.size() > kLongestTyped || text == typed) return std::nullopt;
  const std::size_t too_many = std::min<std::size_t>(3, (typed.size() + 4) / 3);
  // Most texts differ by their length already.
  const std::size_t shorter = std::min(text.size(), typed.size());
  const bool far = std::max(text.size(), typed.size()) - shorter >= too_many;
  std::size_t folded = far ? too_many : edits(text, typed, true);
  if (const auto without_accents = edits_beside_accents(text, typed))
    folded = std::min(folded, *without_accents);
  if (folded >= too_many) return std::nullopt;
  return Distance{folded, edits(text, typed, false)};
}

std::string_view nearest_of(std::span<const std::string_view> texts, std::string_view typed) {
  std::string_view nearest;
  std::optional<Distance> least;
  for (const std::string_view text : texts) {
    const auto distance = typo_distance(text, typed);
    if (!distance || (least && *least <= *distance)) continue;
    least = distance;
    nearest = text;
  }
  return nearest;
}

}  // namespace syncdex::inline v0
