// A query as text: its canonical pattern, parts of it for explain() and hints, and as a request.
#include <algorithm>
#include <memory_resource>
#include <vector>

#include "json/json_text.h"
#include "query/query_impl.h"
#include "query/url_params.h"

namespace syncdex::inline v0 {
namespace {

// What is printed of a query.
struct Shown {
  bool hide_secrets = false;
  bool only_residual = false;
};

// Does not recurse, because patterns may be nested deeply.
class Printer {
 public:
  Printer(const Query::Impl& query, Shown shown, std::string& out) : query_(query), shown_(shown), out_(out) {
    open_.reserve(kUsual);
  }

  void print(const QueryNode& node, const PathTraits& traits, PathId in_catalog) {
    value(node, traits, in_catalog, shown_.only_residual);
    while (!open_.empty()) {
      Container& top = open_.back();
      while (top.next != top.end && top.only_residual && !top.next->residual) ++top.next;
      if (top.next == top.end) {
        out_ += top.object ? '}' : ']';
        open_.pop_back();
        continue;
      }
      const QueryNode& child = *top.next++;
      if (!top.first) out_ += ',';
      top.first = false;
      const std::string_view key = query_.key(child);
      if (top.object) {
        append_quoted(key, out_);
        out_ += ':';
      }
      // Elements are residual as a whole.
      const bool only_residual = top.only_residual && top.object;
      value(child,
            shown_.hide_secrets ? child_traits(top.path, top.traits, {key, !top.object}) : PathTraits(),
            kNoPath, only_residual);
    }
  }

 private:
  struct Container {
    const QueryNode* next;
    const QueryNode* end;
    PathId path;  // kRootPath, or any other
    PathTraits traits;
    bool object;
    bool only_residual;
    bool first = true;
  };

  // Appends a scalar, or opens a container.
  void value(const QueryNode& node, const PathTraits& traits, PathId path, bool only_residual) {
    if (shown_.hide_secrets && (traits.secret || hides_scalar(traits, node.kind))) {
      out_ += "<hidden>";
    } else if (node.kind < Kind::array) {
      append_scalar(node.kind, query_.text(node), out_);
    } else {
      const bool object = node.kind == Kind::object;
      out_ += object ? '{' : '[';
      const auto children = query_.children(node);
      open_.push_back(
          {children.data(), children.data() + children.size(), path, traits, object, only_residual});
    }
  }

  const Query::Impl& query_;
  const Shown shown_;
  std::string& out_;
  static constexpr std::size_t kUsual = 8;  // containers that most patterns open
  alignas(Container) std::byte room_[kUsual * sizeof(Container)];
  std::pmr::monotonic_buffer_resource arena_{room_, sizeof room_};
  std::pmr::vector<Container> open_{&arena_};
};

void print(const Query::Impl& query, const QueryNode& node, std::string& out, Shown shown,
           const PathTraits& traits = {}, PathId in_catalog = kNoPath) {
  Printer(query, shown, out).print(node, traits, in_catalog);
}

}  // namespace

void append_json(const Query::Impl& query, const QueryNode& node, std::string& out) {
  print(query, node, out, {});
}

void append_hidden(const Query::Impl& query, bool only_residual, std::string& out) {
  if (query.never) {
    out += "false";
    return;
  }
  print(query, query.nodes[0], out, {true, only_residual}, root_traits(), kRootPath);
}

void append_hidden(const Query::Impl& query, const QueryNode& node, const PathTraits& traits, PathId path,
                   std::string& out) {
  print(query, node, out, {true, false}, traits, path);
}

void append_residual(const Query::Impl& query, std::string& out) {
  print(query, query.nodes[0], out, {false, true});
}

std::string path_text(const Query::Impl& query, std::uint32_t path) {
  if (path == 0) return "record";
  std::vector<PathStep> steps;
  for (; path != 0; path = query.paths[path].parent) steps.push_back(query.step(query.paths[path]));
  return path_text(steps);
}

std::string term_text(const Query::Impl& query, const QueryTerm& term) {
  // Indexed paths never lie at or below credential.properties, so the value may be shown.
  std::string text = path_text(query, term.path);
  if (term.kind >= Kind::array) return text + " is " + std::string(with_article(term.kind));
  text += " = ";
  append_scalar(term.kind, term.text, text);
  return text;
}

namespace {

bool has_equality_parameter(std::string_view key) noexcept {
  const std::optional<Role> role = parameter_role(key);
  return role && *role <= kLastString && *role != Role::health_status;
}

// What the request string can say of one member of the pattern; false: only where= can.
bool append_parameter(const Query::Impl& query, const QueryNode& member, std::string& out) {
  const auto children = query.children(member);
  const std::string_view key = query.key(member);
  const auto parameter = [&](std::string_view name, std::string_view value) {
    if (!out.empty()) out += '&';
    append_form_encoded(name, out);
    out += '=';
    append_form_encoded(value, out);
  };
  if (member.kind == Kind::string && has_equality_parameter(key)) {
    parameter(key, query.text(member));
    return true;
  }
  if (key == "health" && member.kind == Kind::object && children.size() == 1 &&
      query.key(children[0]) == "status" && children[0].kind == Kind::string) {
    parameter("health.status", query.text(children[0]));
    return true;
  }
  if (key == "metadata" && member.kind == Kind::object) {
    std::string json;
    append_json(query, member, json);
    parameter("metadata", json);
    return true;
  }
  // Few enough that all parameters together stay within the default limit.
  constexpr std::size_t kMostIds = 40;
  if (key == "collection_ids" && member.kind == Kind::array && !children.empty() &&
      children.size() <= kMostIds &&
      std::ranges::all_of(children, [](const QueryNode& id) { return id.kind == Kind::string; })) {
    for (const QueryNode& id : children) parameter("collection_ids", query.text(id));
    return true;
  }
  return false;
}

}  // namespace

std::string Query::to_url() const {
  std::string url;
  if (impl_ == nullptr) return url;
  // A contradiction in the fewest words: an id that is a string and null.
  if (impl_->never) return "id=&where=%7B%22id%22%3Anull%7D";
  std::string where;
  for (const QueryNode& member : impl_->children(impl_->nodes[0])) {
    if (append_parameter(*impl_, member, url)) continue;
    where += where.empty() ? '{' : ',';
    append_quoted(impl_->key(member), where);
    where += ':';
    append_json(*impl_, member, where);
  }
  if (!where.empty()) {
    where += '}';
    if (!url.empty()) url += '&';
    url += "where=";
    append_form_encoded(where, url);
  }
  return url;
}

}  // namespace syncdex::inline v0
