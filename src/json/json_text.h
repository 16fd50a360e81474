// Walks validated JSON text in place: no copy, no parser, no allocation.
//
// Every function REQUIRES that p is where its comment says, in a valid JSON value that ends with a bracket
// after p and is followed by 64 readable bytes. So none of them checks for the end of the text.
#pragma once

#include <bit>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "json/scalar.h"

namespace syncdex::inline v0 {

inline const char* skip_space(const char* p) noexcept {
  while (is_space(*p)) ++p;
  return p;
}

// Returns the closing quote of the string whose opening quote is at p.
inline const char* closing_quote(const char* p) noexcept {
  ++p;
#if defined(__SSE2__)
  for (;;) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int ends = _mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    if (ends == 0) {
      p += 16;
      continue;
    }
    p += std::countr_zero(static_cast<unsigned>(ends));
    if (*p == '"') return p;
    p += 2;
  }
#else
  for (;; ++p) {
    if (*p == '"') return p;
    if (*p == '\\') ++p;
  }
#endif
}

// Returns the byte after the value that begins at p.
const char* skip_value(const char* p) noexcept;

// Returns the byte after the outermost of the `depth` containers around p.
// REQUIRES: depth > 0; p is not in a string.
const char* skip_out(const char* p, std::size_t depth) noexcept;

// The raw text between the quotes. p is at the opening quote.
inline std::string_view raw_string(const char* p) noexcept {
  return {p + 1, static_cast<std::size_t>(closing_quote(p) - p - 1)};
}

// Whether the raw text of a string or key, decoded, equals `plain`.
inline bool same_string(std::string_view raw, std::string_view plain) noexcept {
  if (raw.size() == plain.size()) {
    if (std::memcmp(raw.data(), plain.data(), raw.size()) == 0) {
      return std::memchr(raw.data(), '\\', raw.size()) == nullptr;
    }
  } else if (raw.size() < plain.size()) {
    return false;  // an escape is never shorter than its decoded form
  }
  return std::memchr(raw.data(), '\\', raw.size()) != nullptr && compare_decoded(raw, plain) == 0;
}

// Compares the raw text of a string or key, decoded, with `plain`. Returns < 0, 0 or > 0.
int compare_string(std::string_view raw, std::string_view plain) noexcept;

// One member of an object.
struct Member {
  std::string_view key;  // raw, between the quotes
  const char* value;
};

// Iterates over the members of the object at p:
//
//   for (ObjectWalk walk(p); walk.next();) use(walk.member());
class ObjectWalk {
 public:
  explicit ObjectWalk(const char* p) noexcept : at_(p) {}

  bool next() noexcept {
    const char* p = member_.value == nullptr ? at_ : skip_value(member_.value);
    p = skip_space(p);
    if (*p == '}') return finish(p);
    p = skip_space(p + 1);  // past '{' or ','
    if (*p == '}') return finish(p);
    member_.key = raw_string(p);
    p = skip_space(p + member_.key.size() + 2);
    member_.value = skip_space(p + 1);  // past ':'
    return true;
  }

  const Member& member() const noexcept { return member_; }
  // The byte after the object. REQUIRES: next() returned false.
  const char* end() const noexcept { return at_; }

 private:
  bool finish(const char* brace) noexcept {
    at_ = brace + 1;
    return false;
  }

  const char* at_;
  Member member_{{}, nullptr};
};

// Iterates over the elements of the array at p.
class ArrayWalk {
 public:
  explicit ArrayWalk(const char* p) noexcept : at_(p) {}

  bool next() noexcept {
    const char* p = value_ == nullptr ? at_ : skip_value(value_);
    p = skip_space(p);
    if (*p == ']') return finish(p);
    p = skip_space(p + 1);  // past '[' or ','
    if (*p == ']') return finish(p);
    value_ = p;
    return true;
  }

  const char* value() const noexcept { return value_; }
  const char* end() const noexcept { return at_; }

 private:
  bool finish(const char* bracket) noexcept {
    at_ = bracket + 1;
    return false;
  }

  const char* at_;
  const char* value_ = nullptr;
};

}  // namespace syncdex::inline v0
