// The figures of the facade.
#include "base/access.h"
#include "exec/evaluate.h"
#include "exec/figures.h"
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
  std::vector<FigurePath> paths;
  std::vector<Query> selected;
  for (const Selection& selection : selections) {
    auto path = parse_figure_path(selection.path, true);
    if (!path) return std::move(path).error();
    auto values = query_of(selection, limits);
    if (!values) return std::move(values).error();
    paths.push_back(*std::move(path));
    selected.push_back(*std::move(values));
  }
  Work work = allowed_work(snapshot(), limits);
  auto facets = facets_of(Access::impl(query), snapshot(), selections, paths, selected, options, work);
  if (work.spent()) return too_much_work(limits);
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
