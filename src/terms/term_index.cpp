#include "terms/term_index.h"

#include <algorithm>
#include <cstring>

#include "json/json_text.h"

namespace syncdex::inline v0 {

std::uint64_t hash_text_value(const HashSeed& seed, std::uint64_t path_hash,
                              std::string_view decoded) noexcept {
  return mix(seed, path_hash, hash_bytes(seed, decoded.data(), decoded.size()));
}

std::uint64_t hash_number(const HashSeed& seed, std::uint64_t path_hash, std::string_view number) noexcept {
  return mix(seed, path_hash ^ 0x6E, hash(seed, parse_decimal(number)));
}

std::uint64_t hash_kind(const HashSeed& seed, std::uint64_t path_hash, Kind kind) noexcept {
  return mix(seed, path_hash ^ 0x6B, static_cast<std::uint64_t>(kind));
}

std::string_view number_at(const char* p) noexcept {
  const char* end = p;
  while (is_digit(*end) || *end == '-' || *end == '+' || *end == '.' || *end == 'e' || *end == 'E') ++end;
  return {p, static_cast<std::size_t>(end - p)};
}

std::string_view value_text(const char* p) noexcept {
  const Kind kind = kind_of(*p);
  if (kind == Kind::string) return {p, raw_string(p).size() + 2};
  return kind == Kind::number ? number_at(p) : std::string_view(p, 1);
}

bool same_value(const char* stored, const TermKey& key) noexcept {
  if (kind_of(*stored) != key.kind) return false;
  switch (key.kind) {
    case Kind::string: {
      // Byte by byte from the front, so that nothing after the stored string is read.
      const char* p = stored + 1;
      for (const char c : key.text) {
        if (*p != c || c == '\\' || c == '"') return same_string(raw_string(stored), key.text);
        ++p;
      }
      return *p == '"';
    }
    case Kind::number: {
      const std::string_view number = number_at(stored);
      return number == key.text || equal(parse_decimal(number), parse_decimal(key.text));
    }
    default: return true;
  }
}

TermIndex::TermIndex(const char* text, std::vector<Term> terms, HashSlots slots, std::vector<Row> rows,
                     std::vector<std::uint64_t> bits, std::size_t words)
    : text_(text),
      terms_(std::move(terms)),
      slots_(std::move(slots)),
      rows_(std::move(rows)),
      bits_(std::move(bits)),
      words_(words) {}

TermId TermIndex::find(const TermKey& key) const noexcept {
  return slots_.find(key.tag(), [&](TermId candidate) {
    const Term& t = terms_[candidate];
    return t.path == key.path && same_value(text_ + t.offset, key);
  });
}

PostingList TermIndex::list(TermId term) const noexcept {
  const Term& t = terms_[term];
  if (t.count == 1) return {1, &t.where};
  if ((t.where & Term::kBits) != 0) {
    return {t.count, bits_.data() + std::size_t{t.where & ~Term::kBits} * words_};
  }
  return {t.count, rows_.data() + t.where};
}

void TermIndex::renumber_paths(std::span<const PathId> to) {
  for (Term& term : terms_) term.path = to[term.path];
}

}  // namespace syncdex::inline v0
