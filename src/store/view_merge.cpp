// The ordered view of a merged segment, made of the views of its sources.
#include <algorithm>
#include <compare>
#include <optional>

#include "store/view_builder.h"
#include "store/view_search.h"

namespace syncdex::inline v0 {
namespace {

// A source, from its first place on that is not merged.
class Source {
 public:
  Source(const MergedSource& source, const OrderedPath& path)
      : source_(source), search_(*source.segment, path, *source.view) {
    skip();
  }

  bool done() const noexcept { return place_ == source_.view->rows().size(); }
  Row old_row() const noexcept { return source_.view->rows()[place_]; }
  Row row() const noexcept { return source_.rows[old_row()]; }
  void advance() noexcept {
    ++place_;
    skip();
  }
  std::strong_ordering compare(Row old_row, Source& other, Row other_row) {
    return search_.compare(old_row, other.search_, other_row);
  }

 private:
  void skip() noexcept {
    while (!done() && row() == kNoRow) ++place_;
  }

  const MergedSource& source_;
  ViewSearch search_;
  std::size_t place_ = 0;
};

}  // namespace

std::unique_ptr<const PathView> merge_views(std::span<const MergedSource> sources, const OrderedPath& path,
                                            std::size_t rows) {
  std::vector<SortKey> keys(rows, kNoValue);
  ViewTraits traits;
  std::vector<Source> cursors;
  cursors.reserve(sources.size());
  for (const MergedSource& source : sources) {
    traits.exact &= source.view->exact();
    traits.cut |= source.view->cut();
    for (Row row = 0; row < source.rows.size(); ++row) {
      if (source.rows[row] != kNoRow) keys[source.rows[row]] = source.view->key(row);
    }
    cursors.emplace_back(source, path);
  }
  std::vector<Source*> heap;
  for (Source& cursor : cursors) {
    if (!cursor.done()) heap.push_back(&cursor);
  }
  const auto comes_later = [](Source* a, Source* b) {
    const std::strong_ordering order = a->compare(a->old_row(), *b, b->old_row());
    return std::is_eq(order) ? a->row() > b->row() : std::is_gt(order);
  };
  std::ranges::make_heap(heap, comes_later);
  std::vector<Row> merged;
  merged.reserve(rows);
  std::vector<std::uint64_t> ties(words_for(rows));
  std::optional<std::pair<Source*, Row>> last;  // the one before, with its row in its source
  while (!heap.empty()) {
    std::ranges::pop_heap(heap, comes_later);
    Source* const first = heap.back();
    const Row old_row = first->old_row();
    if (last && std::is_eq(last->first->compare(last->second, *first, old_row))) {
      set_bit(ties.data(), static_cast<Row>(merged.size()));
    }
    last.emplace(first, old_row);
    merged.push_back(first->row());
    first->advance();
    if (first->done()) {
      heap.pop_back();
    } else {
      std::ranges::push_heap(heap, comes_later);
    }
  }
  merged.shrink_to_fit();
  ties.resize(words_for(merged.size()));
  return std::make_unique<const PathView>(
      PathView{path, OrderedView(std::move(keys), std::move(merged), std::move(ties), traits)});
}

}  // namespace syncdex::inline v0
