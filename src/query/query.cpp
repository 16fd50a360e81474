#include "syncdex/query.h"

#include "base/hash.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {
namespace {

std::shared_ptr<const Query::Impl> empty_query() {
  auto impl = std::make_shared<Query::Impl>();
  impl->canonical = "{}";
  impl->hash = public_hash(impl->canonical);
  impl->nodes.resize(1);
  return impl;
}

}  // namespace

std::size_t public_hash(std::string_view canonical) noexcept {
  return hash_bytes(public_hash_seed(), canonical.data(), canonical.size());
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

}  // namespace syncdex::inline v0
