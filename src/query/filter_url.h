// The parameters path=value and path[op]=value of a request: each path is one condition.
//
//   created_at[gte]=2024-01-01&metadata.plan.seats[lt]=100&provider[in]=a&provider[in]=b
//
// The value is plain text for the API's string and time fields, health.* and collection_ids[]. For all other
// paths it is a JSON scalar, so that the number 1 and the string "1" can be told apart.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/filter_ops.h"
#include "query/filter_reader.h"
#include "query/url_params.h"

namespace syncdex::inline v0 {

// A parameter's name as a path and an operator.
struct UrlCondition {
  std::string_view path;
  Op op = Op::eq;
};

// Nothing if the name is none: it does not begin with a field of the API, or has a step in brackets that is
// no operator.
std::optional<UrlCondition> parse_condition_name(std::string_view name);
// Of a name with brackets that are no operator, what was meant; empty if that is not known.
std::string advise_on_brackets(std::string_view name);

class UrlConditions {
 public:
  // REQUIRES: `limits` outlives this.
  explicit UrlConditions(const Limits& limits) : limits_(limits) {}

  // Adds a parameter. Errors: invalid_filter, repeated_parameter, limit_exceeded; the place is for the caller
  // to set. REQUIRES: the parameter outlives this.
  std::optional<Error> add(const UrlCondition& name, const UrlParam& param);

  struct Read {
    std::vector<FilterNode> nodes;
    std::optional<Error> error;
    const UrlParam* at = nullptr;  // of the error
  };
  // The conditions that were added.
  Read read(FilterUse& use) const;

 private:
  struct Operand {
    Op op;
    std::vector<std::string> values;  // JSON
  };
  struct Condition {
    std::string path;
    std::vector<Operand> operands;
    const UrlParam* last;
  };

  // The values of path[in] or path[nin].
  struct List {
    std::vector<FilterStep> path;
    std::size_t condition;
    std::size_t operand;
  };

  std::optional<Error> add_to(const List& list, Op op, const UrlParam& param);

  const Limits& limits_;
  std::vector<Condition> conditions_;
  std::map<std::string, std::vector<std::size_t>> by_path_;  // their numbers
  std::map<std::string_view, List> lists_;                   // by the parameter's name
  std::uint64_t values_ = 0;                                 // of lists
  std::uint64_t path_bytes_ = 0;
};

}  // namespace syncdex::inline v0
