#include "json_text.h"

#include <array>

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

const char* skip_value(const char* p) noexcept {
  switch (class_of(*p)) {
    case Byte::quote: return closing_quote(p) + 1;
    case Byte::open: break;
    default:
      while (class_of(*p) == Byte::plain) ++p;
      return p;
  }
  std::size_t depth = 0;
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

}  // namespace syncdex::inline v0
