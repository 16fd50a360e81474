// The operators of a condition: their names, and how their operands are read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/filter.h"
#include "query/json_values.h"

namespace syncdex::inline v0 {

// The deepest filter that functions which recurse can walk on a small stack.
constexpr std::uint32_t kDeepestFilter = 128;

// In the order in which canonical texts write them.
enum class Op : std::uint8_t {
  eq,
  in,
  ne,
  nin,
  gt,
  gte,
  lt,
  lte,
  prefix,
  suffix,
  substring,
  exists,
  set,
  kind,
  size,
  as,           // how values and operands are compared; asks for nothing
  ignore_case,  // likewise
};
constexpr std::size_t kOps = 17;
std::string_view to_string(Op op) noexcept;
std::optional<Op> find_op(std::string_view name) noexcept;
// The operators, for messages; with `url` those that a request can give.
std::string known_ops(bool url = false);
// The operator that was probably meant; empty if none.
std::string_view nearest_op(std::string_view typed);

// Whether the operator with this operand asks for the opposite of a condition, and so stands alone.
bool negates(Op op, bool operand_is_false) noexcept;
// Whether a request can give it in brackets.
bool is_url_op(Op op) noexcept;

// Whether a path is one of the API's times: created_at, credential.updated_at, ...
bool is_time_path(const std::vector<FilterStep>& from_record) noexcept;
// Whether a path is at or below credential.properties.
bool is_secret_path(const std::vector<FilterStep>& from_record) noexcept;
// The same, or `credential` itself, which may be a plain string instead of an object.
bool may_hold_secret(const std::vector<FilterStep>& from_record) noexcept;

// Reads the operators of one condition.
class ConditionReader {
 public:
  // `values` counts the values of lists. REQUIRES: all arguments outlive the reader.
  ConditionReader(std::string_view json, const JsonValues& all, const Limits& limits, std::uint64_t& values)
      : json_(json), all_(all), limits_(limits), value_count_(values) {}

  // Reads the object `at`, whose path is its member `path`. Errors: invalid_filter, limit_exceeded.
  std::optional<Error> read(std::uint32_t at, std::uint32_t path, const std::vector<FilterStep>& from_record);

  Condition& condition() noexcept { return condition_; }
  // Whether it is the opposite of the condition that is asked for.
  bool negated() const noexcept { return negated_; }

 private:
  using Fault = std::optional<Error>;
  const JsonValue* operand(Op op) const noexcept {
    const std::uint32_t i = operands_[static_cast<std::size_t>(op)];
    return i == 0 ? nullptr : &all_[i];
  }
  bool has(Op op) const noexcept { return operand(op) != nullptr; }
  Error error(const char* at, std::string message) const;

  Fault collect(std::uint32_t at, std::uint32_t path);
  Fault check_combination(std::uint32_t at, bool secret) const;
  Fault read_options(bool time_path);
  Fault read_values();
  Fault read_value(const JsonValue& v, Operand& out) const;
  Fault read_bound(Op exclusive, Op inclusive, std::optional<Bound>& out) const;
  Fault read_text(Op op, std::optional<std::string>& out) const;
  Fault read_flag(Op op, bool& out);
  Fault read_kinds();
  Fault read_size();
  Fault read_number(const JsonValue& v, std::uint64_t& out) const;

  std::string_view json_;
  const JsonValues& all_;
  const Limits& limits_;
  std::uint64_t& value_count_;
  std::uint32_t operands_[kOps] = {};  // 0: not given
  Condition condition_;
  bool negated_ = false;
};

}  // namespace syncdex::inline v0
