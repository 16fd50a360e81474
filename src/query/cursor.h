// The cursor of a page: which text and query it belongs to, and the last record returned.
//
//   2.00c0ffee.0badf00d.2af            version; fingerprints of text and query (8 hex digits each); position
//   3.00c0ffee.0badf00d.2af.5b225d     of an ordered answer: with the values that it is ordered by, a JSON
//                                      array in hex
//
// It names a position and values instead of a record, so that a walk goes on correctly after that record
// changed or was erased.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syncdex/query.h"
#include "terms/sort_key.h"

namespace syncdex::inline v0 {

struct Cursor {
  std::uint32_t text = 0;
  std::uint32_t query = 0;  // of query and order
  std::uint64_t position = 0;
  std::vector<SortValue> values;  // of the paths of the order
};

std::string to_text(const Cursor& cursor);
// Whether to_text() may return such a text for some order.
bool is_cursor(std::string_view text);
Error invalid_cursor();

// The cursor of a request's page, if it has one, after checking all of the page.
// Errors: invalid_value, of limit or after.
Result<std::optional<Cursor>> check_page(const Request& request);

// The part of a request's fingerprint that a cursor holds. The same in every process.
std::uint32_t cursor_fingerprint(const Request& request) noexcept;

}  // namespace syncdex::inline v0
