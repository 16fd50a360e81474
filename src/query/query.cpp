#include "syncdex/query.h"

#include "base/access.h"
#include "base/hash.h"
#include "query/filter_reader.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

// The hash of a canonical form. Its seed is not that of the catalogs' tables: ids and values that are chosen
// by this hash do not collide there.
std::size_t public_hash(std::string_view canonical) noexcept {
  return hash_bytes(public_hash_seed(), canonical.data(), canonical.size());
}

std::shared_ptr<const Query::Impl> empty_query() {
  auto impl = std::make_shared<Query::Impl>();
  impl->pattern.canonical = "{}";
  impl->pattern.nodes.resize(1);
  impl->hash = public_hash(impl->pattern.canonical);
  return impl;
}

}  // namespace

FilterNode filter_of(const Query::Impl& query) {
  if (query.filter != nullptr) return copy_of(query.filter->root);
  return query.never() ? make_any(Scope::record, {}) : make_contains(Scope::record, query.pattern);
}

Query make_query(FilterNode root) {
  if (root.always()) return {};
  auto impl = std::make_shared<Query::Impl>();
  std::string pattern = "{}";
  if (root.never()) {
    impl->pattern.never = true;
    impl->pattern.canonical = "false";
    impl->pattern.nodes.resize(1);
  } else {
    const FilterNode* contained = root.shape == FilterNode::Shape::contains ? &root : nullptr;
    if (root.shape == FilterNode::Shape::all) {
      for (const FilterNode& m : root.members) {
        if (m.shape == FilterNode::Shape::contains) contained = &m;
      }
    }
    if (contained != nullptr) pattern = contained->pattern_text;
    compile_canonical(pattern, Scope::record, impl->pattern);
  }
  const bool is_pattern = root.never() || root.shape == FilterNode::Shape::contains;
  if (!is_pattern) impl->filter = std::make_unique<const CompiledFilter>(finish(std::move(root)));
  impl->hash = public_hash(is_pattern ? impl->pattern.canonical : impl->filter->root.text);
  return Access::make<Query>(std::shared_ptr<const Query::Impl>(std::move(impl)));
}

Result<Query> make_query(PatternTree& tree, const Limits& limits) {
  auto impl = std::make_shared<Query::Impl>();
  if (auto error = compile(tree, limits, Scope::record, impl->pattern)) return *std::move(error);
  impl->hash = public_hash(impl->pattern.canonical);
  return Access::make<Query>(std::shared_ptr<const Query::Impl>(std::move(impl)));
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
  return make_query(tree, limits);
}

Result<Query> Query::from_filter(std::string_view json, const Limits& limits) {
  FilterUse use;
  auto root = read_filter(json, limits, use);
  if (!root) return std::move(root).error();
  return make_query(*std::move(root));
}

Result<Query> Query::of(const Filter& filter, const Limits& limits) {
  return from_filter(filter.json(), limits);
}

Query all_of(const Query& query, const Query& policy) {
  std::vector<FilterNode> both;
  both.push_back(filter_of(Access::impl(query)));
  both.push_back(filter_of(Access::impl(policy)));
  return make_query(make_all(Scope::record, std::move(both)));
}

std::string Query::text() const {
  if (impl_ == nullptr) return R"({"and":[]})";
  if (impl_->filter != nullptr) return impl_->filter->root.text;
  return filter_of(*impl_).text;
}

std::string_view Query::pattern() const& noexcept {
  return impl_ != nullptr ? std::string_view(impl_->pattern.canonical) : "{}";
}
bool Query::never() const noexcept { return impl_ != nullptr && impl_->pattern.never; }

std::size_t Query::hash() const noexcept { return impl_ != nullptr ? impl_->hash : public_hash("{}"); }
std::uint64_t Query::fingerprint() const noexcept {
  // A filter's text may be the text of a pattern, too.
  constexpr std::uint64_t kFilter = 0x9E37'79B9'7F4A'7C15;
  if (impl_ == nullptr || impl_->filter == nullptr) return stable_hash(pattern());
  return stable_hash(impl_->filter->root.text) ^ kFilter;
}

bool operator==(const Query& a, const Query& b) noexcept {
  if (a.impl_ == b.impl_) return true;
  const CompiledFilter* const x = a.impl_ != nullptr ? a.impl_->filter.get() : nullptr;
  const CompiledFilter* const y = b.impl_ != nullptr ? b.impl_->filter.get() : nullptr;
  if (x == nullptr || y == nullptr) return x == y && a.pattern() == b.pattern();
  return x->root.text == y->root.text;
}

}  // namespace syncdex::inline v0
