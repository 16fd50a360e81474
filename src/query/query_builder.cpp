// QueryBuilder keeps conditions as they were given; build() makes a tree of them and compiles it.
#include <charconv>
#include <cmath>
#include <functional>

#include "base/errors.h"
#include "query/query_impl.h"

namespace syncdex::inline v0 {

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
  for (const Impl::Condition& c : impl_->conditions) {
    const bool in_metadata = c.what == Impl::What::metadata_string || c.what == Impl::What::metadata_scalar;
    const std::string_view parameter = in_metadata ? std::string_view("metadata") : c.name;
    const bool json = c.what == Impl::What::metadata_json || c.what == Impl::What::where;
    if (!json) {
      for (const std::string& text : {std::cref(c.name), std::cref(c.value)}) {
        const std::size_t bad = find_invalid_utf8(text);
        if (bad == std::string::npos) continue;
        return named(error_at(ErrorCode::invalid_utf8, text, text.data() + bad, "invalid UTF-8"), parameter);
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
        return named(make_error(ErrorCode::invalid_value, "a number must be finite"), parameter);
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
    return limit_error(impl_->limits, impl_->limit, "the query has too many conditions");
  }
  return make_query(tree, impl_->limits);
}

}  // namespace syncdex::inline v0
