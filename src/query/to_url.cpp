// A query as a query string, which parse_request() reads as an equal query.
#include <algorithm>

#include "query/query_impl.h"
#include "query/url_params.h"

namespace syncdex::inline v0 {
namespace {

bool has_equality_parameter(std::string_view key) noexcept {
  const std::optional<Role> role = parameter_role(key);
  return role && *role <= kLastString && *role != Role::health_status;
}

// What the request string can say of one member of the pattern; false: only where= can.
bool append_parameter(const Pattern& pattern, const QueryNode& member, std::string& out) {
  const auto children = pattern.children(member);
  const std::string_view key = pattern.key(member);
  const auto parameter = [&](std::string_view name, std::string_view value) {
    if (!out.empty()) out += '&';
    append_form_encoded(name, out);
    out += '=';
    append_form_encoded(value, out);
  };
  if (member.kind == Kind::string && has_equality_parameter(key)) {
    parameter(key, pattern.text(member));
    return true;
  }
  if (key == "health" && member.kind == Kind::object && children.size() == 1 &&
      pattern.key(children[0]) == "status" && children[0].kind == Kind::string) {
    parameter("health.status", pattern.text(children[0]));
    return true;
  }
  if (key == "metadata" && member.kind == Kind::object) {
    std::string json;
    append_json(pattern, member, json);
    parameter("metadata", json);
    return true;
  }
  // Few enough that all parameters together stay within the default limit.
  constexpr std::size_t kMostIds = 40;
  if (key == "collection_ids" && member.kind == Kind::array && !children.empty() &&
      children.size() <= kMostIds &&
      std::ranges::all_of(children, [](const QueryNode& id) { return id.kind == Kind::string; })) {
    for (const QueryNode& id : children) parameter("collection_ids", pattern.text(id));
    return true;
  }
  return false;
}

}  // namespace

std::string Query::to_url() const {
  std::string url;
  if (impl_ == nullptr) return url;
  // A contradiction in the fewest words: an id that is a string and null.
  if (impl_->never()) return "id=&where=%7B%22id%22%3Anull%7D";
  const Pattern& pattern = impl_->pattern;
  std::string where;
  for (const QueryNode& member : pattern.children(pattern.nodes[0])) {
    if (append_parameter(pattern, member, url)) continue;
    where += where.empty() ? '{' : ',';
    append_quoted(pattern.key(member), where);
    where += ':';
    append_json(pattern, member, where);
  }
  if (!where.empty()) {
    where += '}';
    if (!url.empty()) url += '&';
    url += "where=";
    append_form_encoded(where, url);
  }
  if (impl_->filter != nullptr) {
    // The pattern is said already.
    FilterNode root = filter_of(*impl_);
    if (root.shape == FilterNode::Shape::all) {
      std::erase_if(root.members, [](const FilterNode& m) { return m.shape == FilterNode::Shape::contains; });
      root = make_all(Scope::record, std::move(root.members));
    }
    if (!url.empty()) url += '&';
    url += "filter=";
    append_form_encoded(root.text, url);
  }
  return url;
}

}  // namespace syncdex::inline v0
