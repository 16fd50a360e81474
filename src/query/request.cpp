// parse_request(): the parameters of GET /v1/syncs build a pattern, or with conditions and filters a filter.
#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/errors.h"
#include "query/cursor.h"
#include "query/filter_url.h"
#include "query/query_impl.h"
#include "query/request_advice.h"
#include "query/url_params.h"

namespace syncdex::inline v0 {
namespace {

class RequestReader {
 public:
  RequestReader(std::string_view url_query, const RequestOptions& options)
      : whole_(url_query), options_(options), tree_(options.limits), conditions_(options.limits) {}

  Result<Request> read() {
    auto params = UrlParams::parse(whole_, options_.limits);
    if (!params) return std::move(params).error();
    for (const UrlParam& param : params->all()) {
      if (auto error = take(param)) return *std::move(error);
    }
    if (!page_.limit) page_.limit = options_.default_limit;
    auto query = make();
    if (!query) return std::move(query).error();
    Request request{*std::move(query), std::move(page_), std::move(order_)};
    if (auto page = check_page(request); !page) {
      return after_ != nullptr ? blame(std::move(page).error(), *after_) : std::move(page).error();
    }
    return request;
  }

 private:
  Error error(ErrorCode code, const UrlParam& param, const char* at, std::string message) const {
    return set_place(make_error(code, std::move(message)), param, at);
  }

  // An error about all conditions together, at the parameter that made them too large.
  Error blame(Error e, const UrlParam& param) const {
    return set_place(std::move(e), param, param.raw_value.data());
  }
  Error set_place(Error e, const UrlParam& param, const char* at) const {
    syncdex::set_place(e, whole_, at);
    e.parameter = param.name;
    return e;
  }

  std::optional<Error> require(PatternNode* pattern, const UrlParam& param) {
    auto e = tree_.require(pattern);
    return e ? std::optional(blame(*std::move(e), param)) : std::nullopt;
  }

  Result<Query> make() {
    auto conditions = conditions_.read(use_);
    if (conditions.error) return blame(*std::move(conditions.error), *conditions.at);
    std::ranges::move(conditions.nodes, std::back_inserter(filters_));
    const auto blamed = [&](Error e) { return last_ != nullptr ? blame(std::move(e), *last_) : e; };
    if (filters_.empty()) {
      auto query = make_query(tree_, options_.limits);
      return query ? std::move(query) : blamed(std::move(query).error());
    }
    Pattern pattern;
    if (auto e = compile(tree_, options_.limits, Scope::element, pattern)) return blamed(*std::move(e));
    filters_.push_back(pattern.never ? make_any(Scope::record, {}) : make_contains(Scope::record, pattern));
    FilterNode root = make_all(Scope::record, std::move(filters_));
    if (const auto limit = exceeded_limit(root, options_.limits)) {
      Error e =
          limit_error(options_.limits, limit->name, "the conditions of the request are too large together");
      return last_ != nullptr ? blame(std::move(e), *last_) : e;
    }
    return make_query(std::move(root));
  }

  // Whether the host offers the parameter.
  bool is_offered(std::string_view name) const {
    if (!options_.parameters) return true;
    const auto& offered = *options_.parameters;
    if (std::ranges::count(offered, name) > 0) return true;
    const std::size_t bracket = name.rfind('[');
    return bracket != name.npos && name.ends_with(']') &&
           std::ranges::count(offered, std::string(name.substr(0, bracket)) + "[*]") > 0;
  }

  std::optional<Error> take_filter(const UrlParam& param) {
    auto node = read_filter(param.value, options_.limits, use_);
    if (!node) {
      Error e = std::move(node).error();
      const auto offset = static_cast<std::size_t>(e.offset);
      return set_place(std::move(e), param, param.raw_value.data() + raw_offset(param.raw_value, offset));
    }
    filters_.push_back(*std::move(node));
    return std::nullopt;
  }

  // provider[eq] is provider.
  static std::string_view without_eq(std::string_view name) noexcept {
    constexpr std::string_view kEq = "[eq]";
    if (!name.ends_with(kEq)) return name;
    const std::string_view path = name.substr(0, name.size() - kEq.size());
    const auto role = parameter_role(path);
    return role && *role <= kLastString ? path : name;
  }

  std::optional<Error> take(const UrlParam& param) {
    if (!is_offered(param.name)) {
      if (options_.ignore_unknown) return std::nullopt;
      return error(ErrorCode::unknown_parameter, param, param.raw_name.data(),
                   offered_parameters(*options_.parameters));
    }
    if (param.name == "filter") return take_filter(param);
    const std::string_view name = without_eq(param.name);
    const std::optional<Role> role = parameter_role(name);
    if (role || param.name == "metadata" || param.name == "where") last_ = &param;
    if (role == Role::collection_ids || param.name == "collection_ids[]") {
      return require(tree_.object("collection_ids", tree_.array(tree_.string(param.value))), param);
    }
    if (param.name == "metadata" || param.name == "where") return take_pattern(param);
    const bool window = param.name == "limit" || param.name == "after" || param.name == "order";
    if (!role && !window) {
      if (const auto condition = parse_condition_name(param.name)) {
        auto e = conditions_.add(*condition, param);
        return e ? std::optional(blame(*std::move(e), param)) : std::nullopt;
      }
      if (options_.ignore_unknown) return std::nullopt;
      return error(ErrorCode::unknown_parameter, param, param.raw_name.data(),
                   explain_unknown_parameter(param.name, param.value));
    }
    for (const auto& [seen, value] : seen_) {
      if (seen != name) continue;
      if (value == param.value) return std::nullopt;
      return error(ErrorCode::repeated_parameter, param, param.raw_name.data(),
                   explain_repeated_parameter(name));
    }
    seen_.emplace_back(name, param.value);
    if (param.name == "limit") return take_limit(param);
    if (param.name == "after") return take_after(param);
    if (param.name == "order") return take_order(param);
    PatternNode* const value = tree_.string(param.value);
    return require(role == Role::health_status ? tree_.object("health", tree_.object("status", value))
                                               : tree_.object(name, value),
                   param);
  }

  std::optional<Error> take_pattern(const UrlParam& param) {
    const bool metadata = param.name == "metadata";
    auto pattern = tree_.parse(param.value, metadata ? 1 : 0);
    if (!pattern) {
      Error e = std::move(pattern).error();
      const std::string advice = advise_on_pattern(param.name, param.value);
      if (!advice.empty()) e.message += "; " + advice;
      // From the decoded value to the request as given.
      const auto offset = static_cast<std::size_t>(e.offset);
      return set_place(std::move(e), param, param.raw_value.data() + raw_offset(param.raw_value, offset));
    }
    return require(metadata ? tree_.object("metadata", *pattern) : *pattern, param);
  }

  std::optional<Error> take_limit(const UrlParam& param) {
    std::uint32_t value = 0;
    const std::string_view text = param.value;
    const bool digits = !text.empty() && std::ranges::all_of(text, is_digit);
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::uint32_t most = std::min(options_.max_limit, Page::max_limit);
    if (!digits || status != std::errc{} || value < 1 || value > most) {
      return error(ErrorCode::invalid_value, param, param.raw_value.data(),
                   "limit must be a number from 1 to " + std::to_string(most));
    }
    page_.limit = value;
    return std::nullopt;
  }

  std::optional<Error> take_after(const UrlParam& param) {
    if (!is_cursor(param.value)) return blame(invalid_cursor(), param);
    page_.after = param.value;
    after_ = &param;
    return std::nullopt;
  }

  std::optional<Error> take_order(const UrlParam& param) {
    auto order = Order::parse(param.value);
    if (!order) {
      Error e = std::move(order).error();
      const auto offset = static_cast<std::size_t>(e.offset);
      return set_place(std::move(e), param, param.raw_value.data() + raw_offset(param.raw_value, offset));
    }
    order_ = *std::move(order);
    return std::nullopt;
  }

  std::string_view whole_;
  const RequestOptions& options_;
  PatternTree tree_;
  UrlConditions conditions_;
  std::vector<FilterNode> filters_;
  FilterUse use_;
  Page page_;
  Order order_;
  const UrlParam* last_ = nullptr;  // the last one that is a condition
  const UrlParam* after_ = nullptr;
  std::vector<std::pair<std::string_view, std::string_view>> seen_;
};

}  // namespace

Result<Request> parse_request(std::string_view url_query, const RequestOptions& options) {
  return RequestReader(url_query, options).read();
}

// Encodes them, so that there is one way to read a request.
Result<Request> parse_request(std::span<const Parameter> parameters, const RequestOptions& options) {
  std::string encoded;
  std::vector<std::size_t> values;  // where they begin
  for (const Parameter& parameter : parameters) {
    if (!encoded.empty()) encoded += '&';
    append_form_encoded(parameter.name, encoded);
    encoded += '=';
    values.push_back(encoded.size());
    append_form_encoded(parameter.value, encoded);
  }
  auto request = parse_request(encoded, options);
  if (request) return request;
  Error error = std::move(request).error();
  const auto behind = std::ranges::upper_bound(values, error.offset);
  std::size_t begin = behind != values.begin() ? *std::prev(behind) : encoded.size();
  // In the name of the next parameter, or about all of them.
  const std::size_t end = std::min(encoded.find('&', begin), encoded.size());
  error.line = 1;
  if (error.offset < begin || error.offset > end) {
    error.offset = 0;
  } else {
    std::size_t decoded = 0;
    for (; begin < error.offset; begin += encoded[begin] == '%' ? 3U : 1U) ++decoded;
    error.offset = decoded;
  }
  return error;
}

}  // namespace syncdex::inline v0
