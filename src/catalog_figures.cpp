// The figures of the facade.
#include <algorithm>

#include "base/access.h"
#include "base/errors.h"
#include "exec/evaluate.h"
#include "exec/figures.h"
#include "query/json_values.h"
#include "syncdex/catalog.h"

namespace syncdex::inline v0 {

namespace {

// Runs figure(path, work) within the budget.
template <class Figure>
auto figure_of(const Snapshot& snapshot, std::string_view path, bool may_have_elements, const Limits& limits,
               Figure figure) -> decltype(figure(FigurePath(), std::declval<Work&>())) {
  const auto parsed = parse_figure_path(path, may_have_elements);
  if (!parsed) return parsed.error();
  Work work = allowed_work(snapshot, limits);
  auto result = figure(*parsed, work);
  if (work.spent()) return too_much_work(limits);
  return result;
}

// The canonical JSON of a scalar; nothing if it is none.
std::optional<std::string> canonical_scalar(std::string_view json, const Limits& limits) {
  JsonValues all(json, limits);
  if (all.parse({}, 1) || all[0].kind >= Kind::array) return std::nullopt;
  std::string text(all[0].text);
  if (all[0].kind == Kind::number) {
    text.clear();
    append_canonical(parse_decimal(all[0].text), UINT32_MAX, text);
  }
  std::string out;
  append_scalar(all[0].kind, text, out);
  return out;
}

}  // namespace

Result<std::vector<JsonCount>> Catalog::values(std::string_view path, const Query& query,
                                               const ValuesOptions& options, const Limits& limits) const {
  return figure_of(snapshot(), path, true, limits, [&](const FigurePath& at, Work& work) {
    return Result<std::vector<JsonCount>>(values_of(Access::impl(query), snapshot(), at, options, work));
  });
}

Result<std::vector<SelectionFacet>> Catalog::facets(const Query& query,
                                                    const std::vector<Selection>& selections,
                                                    const ValuesOptions& options,
                                                    const Limits& limits) const {
  std::vector<SelectionFacet> facets;
  for (std::size_t i = 0; i < selections.size(); ++i) {
    const Selection& selection = selections[i];
    const auto others = without_selection(query, selections, i, limits);
    if (!others) return others.error();
    auto counts = values(selection.path, *others, options, limits);
    if (!counts) return std::move(counts).error();
    for (const std::string& selected : selection.selected) {
      const auto json = canonical_scalar(selected, limits);
      if (!json) return make_error(ErrorCode::invalid_filter, "a selected value is not a JSON scalar");
      if (std::ranges::count(*counts, *json, &JsonCount::json) > 0) continue;
      // No record has it, or the options left it out.
      const auto one = without_selection(*others, {{selection.path, {*json}}}, SIZE_MAX, limits);
      if (!one) return one.error();
      counts->push_back({*json, count(*one)});
    }
    facets.push_back({selection.path, *std::move(counts)});
  }
  return facets;
}

Result<Summary> Catalog::summary(std::string_view path, const Query& query, const Limits& limits) const {
  return figure_of(snapshot(), path, false, limits, [&](const FigurePath& at, Work& work) {
    return Result<Summary>(summary_of(Access::impl(query), snapshot(), at, work));
  });
}

Result<Histogram> Catalog::histogram(std::string_view path, const HistogramOptions& options,
                                     const Query& query, const Limits& limits) const {
  return figure_of(snapshot(), path, false, limits, [&](const FigurePath& at, Work& work) {
    return histogram_of(Access::impl(query), snapshot(), at, options, work);
  });
}

}  // namespace syncdex::inline v0
