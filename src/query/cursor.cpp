#include "query/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/access.h"
#include "base/errors.h"
#include "base/hash.h"
#include "query/json_values.h"
#include "query/order_impl.h"

namespace syncdex::inline v0 {
namespace {

bool is_hex(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

template <class T>
bool read_hex(std::string_view digits, T& value) noexcept {
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, 16);
  return is_hex(digits) && read.ec == std::errc{} && read.ptr == end;
}

std::string in_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string from_hex(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned char byte = 0;
    read_hex(digits.substr(i, 2), byte);
    out += static_cast<char>(byte);
  }
  return out;
}

std::string json_of(const std::vector<SortValue>& values) {
  std::string out;
  for (const SortValue& value : values) {
    out += out.empty() ? '[' : ',';
    out += to_json(value);
  }
  return out + ']';
}

// What four keys of 256 control characters, each written as \u0001, need.
constexpr std::size_t kMostValueBytes = 8 << 10;

// Reads the values of a cursor. Returns false if json_of() writes no such text for this order.
bool read_values(std::string_view json, const Order::Impl& order, std::vector<SortValue>& out) {
  if (json.size() > kMostValueBytes) return false;
  Limits limits;  // those of the record that it came from are not known
  limits.number_digits = limits.exponent = std::numeric_limits<std::uint32_t>::max();
  JsonValues all(json, limits);
  constexpr std::size_t kDeepest = 2;
  if (all.parse(std::nullopt, kDeepest) || all[0].kind != Kind::array) return false;
  for (const std::uint32_t i : all.members(0)) {
    const JsonValue& value = all[i];
    if (out.size() == order.keys.size() || value.end != i + 1) return false;
    if (value.kind == Kind::null) {
      out.emplace_back();
    } else if (!order.keys[out.size()].path.times) {
      out.push_back(SortValue::of(value.kind, value.text));
    } else if (const auto instant = value.kind == Kind::string ? parse_instant(value.text) : std::nullopt) {
      out.push_back(SortValue::of(*instant));
    } else {
      return false;
    }
  }
  return out.size() == order.keys.size() && json_of(out) == json;
}

// The parts of a cursor's text.
struct Parts {
  std::string_view version, text, query, position, values;
};

std::optional<Parts> split(std::string_view text) noexcept {
  std::string_view parts[5];
  std::size_t n = 0;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (n == std::size(parts)) return std::nullopt;
    parts[n++] = text.substr(0, dot);
    if (dot == text.npos) break;
    text.remove_prefix(dot + 1);
  }
  const Parts out{parts[0], parts[1], parts[2], parts[3], parts[4]};
  const bool good = n >= 4 && out.version == (n == 4 ? "2" : "3") && out.text.size() == 8 &&
                    out.query.size() == 8 && !out.position.empty() && out.position.size() <= 16 &&
                    (out.position[0] != '0' || out.position.size() == 1) && is_hex(out.text) &&
                    is_hex(out.query) && is_hex(out.position) && is_hex(out.values) &&
                    (n == 4 || out.values.size() % 2 == 0);
  return good ? std::optional(out) : std::nullopt;
}

}  // namespace

std::string to_text(const Cursor& cursor) {
  std::string out = fmt::format("{}.{:08x}.{:08x}.{:x}", cursor.values.empty() ? 2 : 3, cursor.text,
                                cursor.query, cursor.position);
  if (!cursor.values.empty()) out += '.' + in_hex(json_of(cursor.values));
  return out;
}

bool is_cursor(std::string_view text) { return split(text).has_value(); }

Error invalid_cursor() {
  return parameter_error(ErrorCode::invalid_value, "after",
                         "not a valid cursor: expected the \"next\" value of a previous page");
}

std::uint32_t cursor_fingerprint(const Request& request) noexcept {
  const auto query = static_cast<std::uint32_t>(request.query.fingerprint());
  if (request.order.is_load_order()) return query;
  return query ^ static_cast<std::uint32_t>(stable_hash(request.order.text()));
}

std::uint64_t Request::fingerprint() const noexcept {
  std::uint64_t hash = query.fingerprint();
  const auto add = [&](std::uint64_t part) { hash = add_to_stable_hash(hash, part); };
  // Each part with another number, so that none can stand for another.
  if (!order.is_load_order()) add(stable_hash(order.text()) ^ 1);
  if (page.limit) add((std::uint64_t{*page.limit} << 8) ^ 2);
  if (!page.after.empty()) add(stable_hash(page.after) ^ 3);
  return hash;
}

Result<std::optional<Cursor>> check_page(const Request& request) {
  const Page& page = request.page;
  if (page.limit && (*page.limit < 1 || *page.limit > Page::max_limit)) {
    return parameter_error(ErrorCode::invalid_value, "limit", "limit must be a number from 1 to 1000");
  }
  if (page.after.empty()) return std::optional<Cursor>();
  const auto parts = split(page.after);
  if (!parts) return invalid_cursor();
  Cursor cursor;
  read_hex(parts->text, cursor.text);
  read_hex(parts->query, cursor.query);
  read_hex(parts->position, cursor.position);
  if (cursor.query != cursor_fingerprint(request)) {
    return parameter_error(
        ErrorCode::invalid_value, "after",
        "the cursor is of a page of another query or order: start again from the first page");
  }
  const bool ordered = !request.order.is_load_order();
  if (ordered != (parts->version == "3")) return invalid_cursor();
  if (ordered && !read_values(from_hex(parts->values), Access::impl(request.order), cursor.values)) {
    return invalid_cursor();
  }
  return std::optional(std::move(cursor));
}

}  // namespace syncdex::inline v0
