#include "syncdex/query.h"

#include "base/access.h"
#include "base/hash.h"
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

std::string_view Query::pattern() const noexcept {
  return impl_ != nullptr ? std::string_view(impl_->pattern.canonical) : "{}";
}
bool Query::never() const noexcept { return impl_ != nullptr && impl_->pattern.never; }

std::size_t Query::hash() const noexcept { return impl_ != nullptr ? impl_->hash : public_hash("{}"); }
std::uint64_t Query::fingerprint() const noexcept { return stable_hash(pattern()); }

bool operator==(const Query& a, const Query& b) noexcept {
  return a.impl_ == b.impl_ || a.pattern() == b.pattern();
}

}  // namespace syncdex::inline v0
