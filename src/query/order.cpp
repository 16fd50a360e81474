#include "syncdex/order.h"

#include <algorithm>

#include "base/access.h"
#include "base/errors.h"
#include "json/strings.h"
#include "query/filter_ops.h"
#include "query/order_impl.h"

namespace syncdex::inline v0 {
namespace {

constexpr std::size_t kMostKeys = 4;
constexpr std::size_t kMostBytes = 16 << 10;  // a path of short steps takes some 60 times as much memory

// The length of the path that the text begins with: up to a comma that is not in quotes.
std::size_t path_length(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return text.size();
}

struct ParsedKey {
  OrderedPath path;
  std::string text;  // canonical
};

Result<ParsedKey> parse_key(std::string_view text) {
  const auto invalid = [](std::string_view what) {
    return make_error(ErrorCode::invalid_value,
                      "an order is a list of paths, as in -created_at,name: " + std::string(what));
  };
  const ParsedPath path = parse_path(text);
  if (!path.fault.empty()) return invalid(path.fault);
  if (path.steps.empty()) return invalid("a path is missing");
  ParsedKey key;
  std::vector<std::string> keys;
  for (const FilterStep& step : path.steps) {
    if (step.element) return invalid("elements of an array have no order, so [] cannot be part of a path");
    keys.push_back(step.key);
  }
  if (may_hold_secret(path.steps)) {
    return make_error(ErrorCode::invalid_filter, "an order would reveal a credential");
  }
  append_path(path.steps, key.text);
  key.path = OrderedPath(std::move(keys), is_time_path(path.steps));
  return key;
}

}  // namespace

Result<OrderedPath> parse_ordered_path(std::string_view text) {
  auto key = parse_key(text);
  if (!key) return std::move(key).error();
  return std::move(key->path);
}

Result<Order> Order::parse(std::string_view text) {
  if (text.size() > kMostBytes) {
    return make_error(ErrorCode::invalid_value, "the order is too long: it has at most 16384 bytes");
  }
  auto impl = std::make_shared<Impl>();
  const char* at = text.data();
  const auto error = [&](Error e) {
    set_place(e, text, at);
    return e;
  };
  if (const std::size_t bad = find_invalid_utf8(text); bad != text.npos) {
    at += bad;
    return error(make_error(ErrorCode::invalid_utf8, "the order is not valid UTF-8"));
  }
  for (;;) {
    std::string_view rest = text.substr(static_cast<std::size_t>(at - text.data()));
    const bool descending = rest.starts_with('-');
    if (descending) rest.remove_prefix(1);
    at = rest.data();
    const std::size_t length = path_length(rest);
    auto key = parse_key(rest.substr(0, length));
    if (!key) return error(std::move(key).error());
    if (impl->keys.size() == kMostKeys) {
      return error(make_error(ErrorCode::invalid_value, "an order has at most 4 paths"));
    }
    if (std::ranges::count(impl->keys, key->path, &OrderKey::path) > 0) {
      return error(make_error(ErrorCode::invalid_value, "a path occurs twice in the order"));
    }
    if (!impl->text.empty()) impl->text += ',';
    if (descending) impl->text += '-';
    impl->text += key->text;
    impl->keys.push_back({std::move(key->path), std::move(key->text), descending});
    at = rest.data() + length;
    if (length == rest.size()) break;
    ++at;
  }
  return Access::make<Order>(std::shared_ptr<const Impl>(std::move(impl)));
}

std::string_view Order::text() const& noexcept { return impl_ != nullptr ? impl_->text : std::string_view(); }

std::vector<std::string> Order::paths() const {
  std::vector<std::string> paths;
  if (impl_ == nullptr) return paths;
  for (const OrderKey& key : impl_->keys) paths.push_back(key.path_text);
  return paths;
}

bool operator==(const Order& a, const Order& b) noexcept { return a.text() == b.text(); }

}  // namespace syncdex::inline v0
