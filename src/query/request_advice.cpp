#include "query/request_advice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "json/scalar.h"
#include "query/filter_url.h"
#include "query/typo.h"
#include "query/url_params.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::string_view kParameterNames[] = {
    "provider", "name",      "health.status", "metadata",      "status",         "id",
    "org_id",   "stream_id", "external_id",   "credential_id", "sync_frequency", "collection_ids",
    "where",    "filter",    "order",         "limit",         "after"};

// Names that other APIs use.
constexpr std::pair<std::string_view, std::string_view> kSynonyms[] = {
    {"page", "after, with the \"next\" cursor of the previous page"},
    {"offset", "after, with the \"next\" cursor of the previous page"},
    {"cursor", "after"},
    {"per_page", "limit"},
    {"sort", "order, as in order=-created_at"},
    {"sort_by", "order, as in order=-created_at"},
    {"order_by", "order, as in order=-created_at"},
    {"page_size", "limit"},
    {"created_after", "created_at[gte]"},
    {"created_before", "created_at[lt]"},
    {"updated_after", "updated_at[gte]"},
    {"updated_before", "updated_at[lt]"},
    {"since", "created_at[gte]"},
    {"q", "name[substring]"},
    {"search", "name[substring]"},
};

// A value typed without JSON's quotes: a number or literal stays, anything else becomes a string.
std::string as_json(std::string_view value) {
  if (is_number_or_literal(value)) return std::string(value);
  std::string quoted;
  append_quoted(value, quoted);
  return quoted;
}

// metadata={"plan":{"tier":"pro"}} for the path plan.tier
std::string nested(std::string_view parameter, std::string_view path, std::string_view value) {
  std::string out = std::string(parameter) + "=";
  std::string end;
  for (;;) {
    const std::size_t dot = path.find('.');
    out += '{';
    append_quoted(path.substr(0, dot), out);
    out += ':';
    end += '}';
    if (dot == path.npos) return out + as_json(value) + end;
    path.remove_prefix(dot + 1);
  }
}

// The path within metadata of metadata[plan][tier] or metadata.plan.tier; empty if it is neither.
std::string path_in_metadata(std::string_view name) {
  constexpr std::string_view kMetadata = "metadata";
  if (!name.starts_with(kMetadata) || name.size() > 200) return {};
  std::string path;
  for (const char c : name.substr(kMetadata.size())) {
    if (c == '[' || c == '.') {
      path += '.';
    } else if (c != ']') {
      path += c;
    }
  }
  const bool good = path.size() > 1 && path[0] == '.' && path.find("..") == path.npos && path.back() != '.';
  return good ? path.substr(1) : std::string();
}

// Of an operator behind a path that is none: metadata[plan][eq], providr[in].
std::string advise_on_operator(std::string_view name) {
  const std::size_t bracket = name.rfind('[');
  if (bracket == name.npos || !name.ends_with(']')) return {};
  const auto op = find_op(name.substr(bracket + 1, name.size() - bracket - 2));
  if (!op || !is_url_op(*op)) return {};
  const std::string_view path = name.substr(0, bracket);
  if (const std::string inner = path_in_metadata(path); !inner.empty()) {
    return fmt::format("write metadata.{}[{}]", inner, to_string(*op));
  }
  const std::string_view field = nearest_record_field(path);
  return field.empty() ? std::string() : fmt::format("did you mean {}[{}]?", field, to_string(*op));
}

}  // namespace

std::string explain_unknown_parameter(std::string_view name, std::string_view value) {
  std::string out = "no such parameter";
  if (name.starts_with('?')) return out + "; the query string begins behind the '?'";
  if (const std::string advice = advise_on_brackets(name); !advice.empty()) return out + "; " + advice;
  if (const std::string advice = advise_on_operator(name); !advice.empty()) return out + "; " + advice;
  if (const std::string path = path_in_metadata(name); !path.empty()) {
    return out + "; write " + nested("metadata", path, value.substr(0, 200));
  }
  const auto synonym =
      std::ranges::find(kSynonyms, name, &std::pair<std::string_view, std::string_view>::first);
  const std::string_view meant =
      synonym != std::end(kSynonyms) ? synonym->second : nearest_of(kParameterNames, name);
  if (!meant.empty()) out += fmt::format("; did you mean {}?", meant);
  return out + fmt::format("{}known are {}", meant.empty() ? "; " : " ", fmt::join(kParameterNames, ", "));
}

std::string offered_parameters(const std::vector<std::string>& offered) {
  return fmt::format("the parameter is not offered here; offered are {}", fmt::join(offered, ", "));
}

std::string explain_repeated_parameter(std::string_view name) {
  std::string out = "the parameter is given twice, with different values";
  if (name != "limit" && name != "after" && name != "order")
    out += fmt::format("; for one of several, repeat {}[in]", name);
  return out;
}

std::string advise_on_pattern(std::string_view parameter, std::string_view value) {
  value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n"), value.size()));
  if (value.starts_with("%7B") || value.starts_with("%7b") || value.starts_with("%22")) {
    return "it is percent-encoded twice: encode it once";
  }
  if (value.starts_with("\"{") || value.starts_with("\"\\u007b")) {
    return "it is quoted once more than it should be: send the object itself";
  }
  if (value.starts_with("'{")) return "the shell's quotes are part of it: remove them";
  const std::size_t equals = value.find('=');
  if (equals != value.npos && value.size() < 200 && is_plain_key(value.substr(0, equals))) {
    return "write " + nested(parameter, value.substr(0, equals), value.substr(equals + 1));
  }
  if (value.starts_with('"') && value.find("\":") != value.npos) {
    return "its braces are missing: curl removes them, unless it is called with -g or --data-urlencode";
  }
  return {};
}

}  // namespace syncdex::inline v0
