// The raw query string of a request: split, decoded, and encoded again.
//
// One dialect: application/x-www-form-urlencoded by the WHATWG URL Standard (split at '&', then at the
// first '='; '+' is a space; empty pairs are skipped), except that malformed percent-encoding and
// invalid UTF-8 are errors. ';' separates nothing, and nothing is decoded twice.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syncdex/limits.h"
#include "syncdex/result.h"
#include "terms/path_table.h"

namespace syncdex::inline v0 {

struct UrlParam {
  std::string_view name;       // decoded
  std::string_view value;      // decoded
  std::string_view raw_name;   // as given
  std::string_view raw_value;  // as given; data() is after the name if there is no '='
};

class UrlParams {
 public:
  // Errors: malformed_encoding, invalid_utf8, limit_exceeded. Cost: O(n).
  static Result<UrlParams> parse(std::string_view url_query, const Limits& limits);

  const std::vector<UrlParam>& all() const noexcept { return params_; }

  UrlParams(UrlParams&&) noexcept = default;
  UrlParams& operator=(UrlParams&&) noexcept = default;

 private:
  UrlParams() = default;
  std::vector<UrlParam> params_;
  std::unique_ptr<char[]> decoded_;
};

// The offset in the raw text of the byte at `decoded` in the decoded text.
std::size_t raw_offset(std::string_view raw, std::size_t decoded) noexcept;

// Encodes in the same dialect: UrlParams::parse() decodes it to the same text.
void append_form_encoded(std::string_view text, std::string& out);

// Whether a name is repeated to list values: path[in], path[nin]. These do not count as parameters, but as
// values of a filter.
bool repeats_to_list(std::string_view name) noexcept;

// The field that a parameter compares ("provider", "health.status", ...), or collection_ids.
std::optional<Role> parameter_role(std::string_view name) noexcept;

}  // namespace syncdex::inline v0
