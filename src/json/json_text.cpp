#include "json/json_text.h"

#include <array>
#include <bit>
#include <cstdint>

namespace syncdex::inline v0 {
namespace {

enum class Byte : unsigned char { plain, quote, open, close, ends_scalar };

constexpr std::array<Byte, 256> classes() {
  std::array<Byte, 256> table{};
  table['"'] = Byte::quote;
  table['{'] = table['['] = Byte::open;
  table['}'] = table[']'] = Byte::close;
  table[','] = table[' '] = table['\n'] = table['\t'] = table['\r'] = Byte::ends_scalar;
  return table;
}
constexpr std::array<Byte, 256> kClass = classes();

Byte class_of(char c) noexcept { return kClass[static_cast<unsigned char>(c)]; }

}  // namespace

int compare_string(std::string_view raw, std::string_view plain) noexcept {
  if (raw.empty() || std::memchr(raw.data(), '\\', raw.size()) == nullptr) return raw.compare(plain);
  return compare_decoded(raw, plain);
}

namespace {

// Skips `depth` open containers, or the container that begins at p if depth is 0. Goes byte by byte.
const char* skip_container(const char* p, std::size_t depth) noexcept {
  for (;; ++p) {
    switch (class_of(*p)) {
      case Byte::quote: p = closing_quote(p); break;
      case Byte::open: ++depth; break;
      case Byte::close:
        if (--depth == 0) return p + 1;
        break;
      default: break;
    }
  }
}

#if defined(__SSE2__)

// The same, 64 bytes at a time. Quotes, backslashes and brackets become bit masks; the prefix XOR of the
// quotes marks the bytes inside strings. From the first block with a backslash on, it goes byte by byte.
const char* skip_container_fast(const char* p, std::size_t depth) noexcept {
  std::uint64_t in_string = 0;  // all ones if the previous block ended inside a string
  for (;; p += 64) {
    std::uint64_t quotes = 0;
    std::uint64_t slashes = 0;
    std::uint64_t opens = 0;
    std::uint64_t closes = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * k));
      const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // [ and {, ] and } differ in this bit
      const auto bits = [k](__m128i equal) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(equal))) << (16 * k);
      };
      quotes |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
      slashes |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
      opens |= bits(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')));
      closes |= bits(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
    }
    if (slashes != 0) {
      // Restart at the block's start or, if a string reaches into the block, after that string.
      if (in_string == 0) return skip_container(p, depth);
      return skip_container(closing_quote(p - 1) + 1, depth);
    }
    std::uint64_t inside = quotes;
    for (int shift = 1; shift < 64; shift *= 2) inside ^= inside << shift;
    inside ^= in_string;
    in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    opens &= ~inside;
    closes &= ~inside;
    for (std::uint64_t brackets = opens | closes; brackets != 0; brackets &= brackets - 1) {
      const std::uint64_t bit = brackets & (~brackets + 1);
      if ((opens & bit) != 0) {
        ++depth;
      } else if (--depth == 0) {
        return p + std::countr_zero(bit) + 1;
      }
    }
  }
}

#else
const char* skip_container_fast(const char* p, std::size_t depth) noexcept {
  return skip_container(p, depth);
}
#endif

}  // namespace

const char* skip_value(const char* p) noexcept {
  switch (class_of(*p)) {
    case Byte::quote: return closing_quote(p) + 1;
    case Byte::open: return skip_container_fast(p, 0);
    default:
      while (class_of(*p) == Byte::plain) ++p;
      return p;
  }
}

const char* skip_out(const char* p, std::size_t depth) noexcept { return skip_container_fast(p, depth); }

}  // namespace syncdex::inline v0
