// Query: compiled from a pattern, printed as one or as a request; and QueryBuilder.
#include "syncdex/query.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory_resource>

#include "base/hash.h"
#include "base/limit_names.h"
#include "query/query_impl.h"
#include "query/url_params.h"
#include "terms/term_index.h"

namespace syncdex::inline v0 {
namespace {

// Calls visit(node) for all nodes of a tree, level by level: children of one node follow each other.
template <class Visit>
void for_each_level(const PatternNode& root, Visit visit) {
  std::byte room[512];  // what most patterns need
  std::pmr::monotonic_buffer_resource arena(room, sizeof room);
  std::pmr::vector<const PatternNode*> level({&root}, &arena);
  std::pmr::vector<const PatternNode*> next(&arena);
  for (next.reserve(8); !level.empty(); level.swap(next)) {
    next.clear();
    for (const PatternNode* node : level) {
      visit(*node);
      for (const PatternNode* child = node->first_child(); child != nullptr; child = child->next()) {
        next.push_back(child);
      }
    }
  }
}

// Copies a tree. Room is made for exactly what is needed.
void copy_nodes(const PatternNode& root, Query::Impl& out) {
  std::size_t nodes = 0;
  std::size_t bytes = 4;  // offset 0 is no key
  for_each_level(root, [&](const PatternNode& node) {
    ++nodes;
    bytes += node.key().empty() ? 0 : 4 + node.key().size();
    bytes += node.kind() < Kind::array ? node.text().size() : 0;
  });
  out.texts.reserve(bytes);  // terms view this string, which must not move
  out.texts.assign(4, '\0');
  out.nodes.reserve(nodes);
  std::uint32_t next = 1;
  for_each_level(root, [&](const PatternNode& from) {
    QueryNode& node = out.nodes.emplace_back();
    node.kind = from.kind();
    if (!from.key().empty()) {
      const auto length = static_cast<std::uint32_t>(from.key().size());
      out.texts.append(reinterpret_cast<const char*>(&length), sizeof length);
      node.key = static_cast<std::uint32_t>(out.texts.size());
      out.texts += from.key();
    }
    if (from.kind() < Kind::array) {
      node.at = static_cast<std::uint32_t>(out.texts.size());
      node.size = static_cast<std::uint32_t>(from.text().size());
      out.texts += from.text();
    } else {
      node.at = next;
      node.size = from.count();
      next += from.count();
    }
  });
}

// Finds the terms of a query's nodes, and the residual. In the list of nodes children come behind their
// parent, so every pass is a loop: forwards where a node needs its parent, backwards where it needs
// its children.
class Compiler {
 public:
  explicit Compiler(Query::Impl& out) : out_(out), seed_(hash_seed()) {
    make_room();
    add_terms();
    find_residual();
    out_.terms.shrink_to_fit();  // some values are not indexed
  }

 private:
  struct About {  // a node
    std::uint32_t path = 0;
    std::uint32_t leaves = 0;
    PathTraits traits;
    bool in_array = false;
  };

  void make_room() {
    about_.resize(out_.nodes.size());
    std::size_t paths = 1;
    std::size_t leaves = 0;
    for (const QueryNode& node : out_.nodes) {
      paths += node.kind == Kind::array ? std::min(node.count(), 1U) : node.count();
      leaves += node.count() == 0;
    }
    out_.paths.reserve(paths);
    out_.terms.reserve(leaves);
    hashes_.reserve(paths);
  }

  std::uint32_t path(std::uint32_t parent, const QueryNode& child, bool element, bool tracked) {
    const auto at = static_cast<std::uint32_t>(out_.paths.size());
    hashes_.push_back(child_path_hash(seed_, hashes_[parent], {out_.key(child), element}));
    out_.paths.push_back(
        {parent, child.key & 0x3FFF'FFFF, element, tracked, static_cast<std::uint32_t>(hashes_[at])});
    return at;
  }

  void add_terms() {
    about_[0].traits = root_traits();
    hashes_.push_back(root_path_hash(seed_));
    out_.paths.push_back({0, 0, false, true, 0});
    for (std::size_t n = 0; n < out_.nodes.size(); ++n) {
      QueryNode& node = out_.nodes[n];
      if (node.count() == 0) {
        // The empty pattern: every record is an object.
        node.residual = !about_[n].traits.indexed && n != 0;
        about_[n].leaves = 1;
        if (about_[n].traits.indexed) add_term(node, about_[n]);
        continue;
      }
      const bool array = node.kind == Kind::array;
      const bool tracked = n == 0 || about_[n].traits.indexed;
      node.tracked = tracked;
      std::uint32_t element = 0;
      for (std::uint32_t i = 0; i < node.size; ++i) {
        const QueryNode& child = out_.nodes[node.at + i];
        About& about = about_[node.at + i];
        // Only the root is told apart by its number.
        about.traits = child_traits(n == 0 ? kRootPath : kNoPath, about_[n].traits, {out_.key(child), array});
        if (!array || i == 0) element = path(about_[n].path, child, array, tracked);
        about.path = element;
        about.in_array = array;
      }
    }
  }

  void add_term(const QueryNode& leaf, const About& about) {
    QueryTerm t;
    t.text = leaf.kind < Kind::array ? out_.text(leaf) : std::string_view();
    t.path = about.path;
    t.hash = static_cast<std::uint32_t>(hash_term(seed_, hashes_[t.path], leaf.kind, t.text) >> 32);
    t.short_hash = leaf.kind == Kind::string ? short_hash(t.text) : 0;
    t.kind = leaf.kind;
    t.role = about.traits.role;
    out_.terms.push_back(t);
    out_.one_record |= t.role == Role::id && t.kind == Kind::string;
  }

  void find_residual() {
    for (std::size_t n = out_.nodes.size(); n > 0;) {
      --n;
      QueryNode& node = out_.nodes[n];
      for (std::uint32_t i = 0; i < node.count(); ++i) {
        about_[n].leaves += about_[node.at + i].leaves;
        node.residual |= out_.nodes[node.at + i].residual;
      }
      // The terms of one element may hold in different elements of a record: all of it is checked.
      if (about_[n].in_array && about_[n].leaves > 1) node.residual = true;
    }
    out_.residual = out_.nodes[0].residual;
    const auto is_residual = [](const QueryNode& member) { return member.residual; };
    const auto members = out_.children(out_.nodes[0]);
    const auto first = std::ranges::find_if(members, is_residual);
    out_.residual_is_in_metadata = first != members.end() && out_.key(*first) == "metadata" &&
                                   std::ranges::count_if(members, is_residual) == 1;
  }

  Query::Impl& out_;
  const HashSeed& seed_;
  std::vector<About> about_;           // by node
  std::vector<std::uint64_t> hashes_;  // by path
};

// With a seed apart from that of the catalogs' tables: ids and values chosen by this hash do not collide
// there.
std::size_t public_hash(std::string_view canonical) noexcept {
  return hash_bytes(public_hash_seed(), canonical.data(), canonical.size());
}

std::shared_ptr<const Query::Impl> empty_query() {
  auto impl = std::make_shared<Query::Impl>();
  impl->canonical = "{}";
  impl->hash = public_hash(impl->canonical);
  impl->nodes.resize(1);
  return impl;
}

}  // namespace

Result<Query> compile(PatternTree& tree, const Limits& limits) {
  tree.finish();
  auto impl = std::make_shared<Query::Impl>();
  impl->never = tree.never();
  impl->canonical = tree.canonical();
  if (impl->canonical.size() > limits.pattern_bytes) {
    Error e;
    e.code = ErrorCode::limit_exceeded;
    e.message = "the pattern is too large";
    name_limit(e, limits, "pattern_bytes");
    return e;
  }
  impl->hash = public_hash(impl->canonical);
  if (impl->never) {
    impl->nodes.resize(1);
  } else {
    copy_nodes(tree.root(), *impl);
    tree.clear();  // it is large, and what follows needs room as well
    Compiler compiler(*impl);
  }
  return Query(std::move(impl));
}

namespace {

// What is printed of a query.
struct Shown {
  bool hide_secrets = false;
  bool only_residual = false;
};

// With a stack of its own: patterns may be nested deeply.
class Printer {
 public:
  Printer(const Query::Impl& query, Shown shown, std::string& out)
      : query_(query), shown_(shown), out_(out) {}

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
  std::vector<Container> open_;
};

void append_query_json(const Query::Impl& query, const QueryNode& node, std::string& out, Shown shown,
                       const PathTraits& traits = {}, PathId in_catalog = kNoPath) {
  Printer(query, shown, out).print(node, traits, in_catalog);
}

}  // namespace

void append_hidden(const Query::Impl& query, bool only_residual, std::string& out) {
  if (query.never) {
    out += "false";
    return;
  }
  append_query_json(query, query.nodes[0], out, {true, only_residual}, root_traits(), kRootPath);
}

void append_hidden(const Query::Impl& query, const QueryNode& node, const PathTraits& traits, PathId path,
                   std::string& out) {
  append_query_json(query, node, out, {true, false}, traits, path);
}

void append_residual(const Query::Impl& query, std::string& out) {
  append_query_json(query, query.nodes[0], out, {false, true});
}

Result<Query> compile_again(std::string_view pattern) {
  Limits limits;
  limits.depth = 1000;
  limits.pattern_bytes = limits.pattern_leaves = std::numeric_limits<std::uint64_t>::max();
  limits.number_digits = limits.exponent = std::numeric_limits<std::uint32_t>::max();
  return Query::from_pattern(pattern, limits);
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

const Query::Impl& Query::everything() {
  // Never destroyed: static destructors of the host may still use the library.
  static const auto& impl = *new const std::shared_ptr<const Impl>(empty_query());
  return *impl;
}

Result<Query> Query::from_pattern(std::string_view json_object, const Limits& limits) {
  PatternTree tree(limits);
  auto pattern = tree.parse(json_object);
  if (!pattern) return std::move(pattern).error();
  if (auto error = tree.require(*pattern)) return *std::move(error);
  return compile(tree, limits);
}

std::string_view Query::pattern() const noexcept {
  return impl_ != nullptr ? std::string_view(impl_->canonical) : "{}";
}
bool Query::never() const noexcept { return impl_ != nullptr && impl_->never; }

std::size_t Query::hash() const noexcept { return impl_ != nullptr ? impl_->hash : public_hash("{}"); }
std::uint64_t Query::fingerprint() const noexcept { return stable_hash(pattern()); }

bool operator==(const Query& a, const Query& b) noexcept {
  return a.impl_ == b.impl_ || a.pattern() == b.pattern();
}

// --- as a request ---

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
    append_query_json(query, member, json, {});
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
    append_query_json(*impl_, member, where, {});
  }
  if (!where.empty()) {
    where += '}';
    if (!url.empty()) url += '&';
    url += "where=";
    append_form_encoded(where, url);
  }
  return url;
}

// --- the builder ---

struct QueryBuilder::Impl {
  enum class What : std::uint8_t {
    not_finite,
    equal,
    health_status,
    collection_id,
    metadata_json,
    metadata_string,
    metadata_scalar,  // not a string: `value` is JSON
    where
  };

  struct Condition {
    What what;
    std::string name;   // the field, or the metadata key
    std::string value;  // plain text, or JSON
  };

  // Conditions that no build() could accept are not stored, so that a loop over hostile input cannot make
  // the builder grow without bound.
  void add(What what, std::string_view name, std::string_view value) {
    if (limit != nullptr) return;
    // Each condition has at least one value, and no request has more bytes.
    if (conditions.size() >= limits.pattern_leaves) limit = "pattern_leaves";
    if (name.size() + value.size() > limits.request_bytes - bytes) limit = "request_bytes";
    if (limit != nullptr) return;
    bytes += name.size() + value.size();
    conditions.push_back({what, std::string(name), std::string(value)});
  }

  Limits limits;
  std::vector<Condition> conditions;
  std::uint64_t bytes = 0;
  const char* limit = nullptr;  // exceeded
};

QueryBuilder::QueryBuilder(const Limits& limits) : impl_(std::make_unique<Impl>()) { impl_->limits = limits; }
QueryBuilder::QueryBuilder(const QueryBuilder& other)
    : impl_(other.impl_ != nullptr ? std::make_unique<Impl>(*other.impl_) : nullptr) {}
QueryBuilder::QueryBuilder(QueryBuilder&&) noexcept = default;
QueryBuilder& QueryBuilder::operator=(const QueryBuilder& other) { return *this = QueryBuilder(other); }
QueryBuilder& QueryBuilder::operator=(QueryBuilder&&) noexcept = default;
QueryBuilder::~QueryBuilder() = default;

QueryBuilder::Impl& QueryBuilder::impl() {
  if (impl_ == nullptr) impl_ = std::make_unique<Impl>();
  return *impl_;
}

QueryBuilder& QueryBuilder::equal(std::string_view field, std::string_view value) {
  impl().add(Impl::What::equal, field, value);
  return *this;
}
QueryBuilder& QueryBuilder::health_status(std::string_view value) {
  impl().add(Impl::What::health_status, "health.status", value);
  return *this;
}
QueryBuilder& QueryBuilder::collection_id(std::string_view value) {
  impl().add(Impl::What::collection_id, "collection_ids", value);
  return *this;
}
QueryBuilder& QueryBuilder::metadata(std::string_view json_object) {
  impl().add(Impl::What::metadata_json, "metadata", json_object);
  return *this;
}
QueryBuilder& QueryBuilder::metadata(std::string_view key, std::string_view value) {
  impl().add(Impl::What::metadata_string, key, value);
  return *this;
}
QueryBuilder& QueryBuilder::metadata(std::string_view key, std::nullptr_t) {
  return metadata_scalar(key, "null");
}
QueryBuilder& QueryBuilder::metadata_bool(std::string_view key, bool value) {
  return metadata_scalar(key, value ? "true" : "false");
}
QueryBuilder& QueryBuilder::metadata_int(std::string_view key, std::int64_t value) {
  return metadata_scalar(key, std::to_string(value));
}
QueryBuilder& QueryBuilder::metadata_uint(std::string_view key, std::uint64_t value) {
  return metadata_scalar(key, std::to_string(value));
}

namespace {

// The shortest decimal text that reads back as the same value; empty if there is none.
template <class T>
std::string shortest(T value) {
  if (!std::isfinite(value)) return {};
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

QueryBuilder& QueryBuilder::metadata_float(std::string_view key, float value) {
  return metadata_scalar(key, shortest(value));
}
QueryBuilder& QueryBuilder::metadata_double(std::string_view key, double value) {
  return metadata_scalar(key, shortest(value));
}
QueryBuilder& QueryBuilder::metadata_scalar(std::string_view key, std::string_view json) {
  if (json.empty()) {
    impl().add(Impl::What::not_finite, "metadata", {});
  } else {
    impl().add(Impl::What::metadata_scalar, key, json);
  }
  return *this;
}
QueryBuilder& QueryBuilder::where(std::string_view json_object) {
  impl().add(Impl::What::where, "where", json_object);
  return *this;
}

Result<Query> QueryBuilder::build() const {
  if (impl_ == nullptr) return Query();
  PatternTree tree(impl_->limits);
  const auto named = [](Error error, std::string_view parameter) {
    error.parameter = parameter;
    return error;
  };
  const auto refused = [](ErrorCode code, const char* message) {
    Error e;
    e.code = code;
    e.message = message;
    return e;
  };
  for (const Impl::Condition& c : impl_->conditions) {
    const bool in_metadata = c.what == Impl::What::metadata_string || c.what == Impl::What::metadata_scalar;
    const std::string_view parameter = in_metadata ? std::string_view("metadata") : c.name;
    const bool json = c.what == Impl::What::metadata_json || c.what == Impl::What::where;
    if (!json) {
      for (const std::string& text : {std::cref(c.name), std::cref(c.value)}) {
        const std::size_t bad = find_invalid_utf8(text);
        if (bad == std::string::npos) continue;
        Error e = refused(ErrorCode::invalid_utf8, "invalid UTF-8");
        e.offset = bad;
        return named(std::move(e), parameter);
      }
    }
    PatternNode* pattern = nullptr;
    if (json) {
      auto parsed = tree.parse(c.value, c.what == Impl::What::metadata_json ? 1 : 0);
      if (!parsed) return named(std::move(parsed).error(), parameter);
      pattern = *parsed;
    }
    switch (c.what) {
      case Impl::What::not_finite:
        return named(refused(ErrorCode::invalid_value, "a number must be finite"), parameter);
      case Impl::What::equal: pattern = tree.object(c.name, tree.string(c.value)); break;
      case Impl::What::health_status:
        pattern = tree.object("health", tree.object("status", tree.string(c.value)));
        break;
      case Impl::What::collection_id: pattern = tree.object(c.name, tree.array(tree.string(c.value))); break;
      case Impl::What::metadata_json: pattern = tree.object("metadata", pattern); break;
      case Impl::What::metadata_string:
        pattern = tree.object("metadata", tree.object(c.name, tree.string(c.value)));
        break;
      case Impl::What::metadata_scalar: {
        const Kind kind = kind_of(c.value.front());
        PatternNode* const value = kind == Kind::number ? tree.number(c.value) : tree.literal(kind);
        pattern = tree.object("metadata", tree.object(c.name, value));
        break;
      }
      case Impl::What::where: break;
    }
    if (auto error = tree.require(pattern)) return named(*std::move(error), parameter);
  }
  if (impl_->limit != nullptr) {
    Error e = refused(ErrorCode::limit_exceeded, "the query has too many conditions");
    name_limit(e, impl_->limits, impl_->limit);
    return e;
  }
  return compile(tree, impl_->limits);
}

}  // namespace syncdex::inline v0
