#include "store/view_builder.h"

#include <algorithm>
#include <compare>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "store/ordered_value.h"

namespace syncdex::inline v0 {

namespace {

class ViewBuilder {
 public:
  ViewBuilder(const Segment& segment, const OrderedPath& path) : segment_(segment), path_(path) {}

  // Of all rows, or of some.
  OrderedView build(const PostingList* some) {
    const auto n = static_cast<Row>(segment_.size());
    keys_.resize(n, kNoValue);
    entries_.reserve(some != nullptr ? some->count : n);
    if (some != nullptr) {
      for_each_row(*some, [&](Row row) { read(row); });
    } else {
      read_all(n);
    }
    entries_.shrink_to_fit();
    std::sort(entries_.begin(), entries_.end());
    ties_.resize(words_for(entries_.size()));
    for (std::size_t i = 0; i < entries_.size();) {
      std::size_t end = i + 1;
      while (end < entries_.size() && entries_[end].key == entries_[i].key) ++end;
      sort_run(i, end);
      i = end;
    }
    std::vector<Row> rows(entries_.size());
    std::ranges::transform(entries_, rows.begin(), &Entry::row);
    return {std::move(keys_), std::move(rows), std::move(ties_), {.exact = texts_.empty(), .cut = cut_}};
  }

 private:
  struct Entry {
    SortKey key;
    Row row;
    friend bool operator<(const Entry& a, const Entry& b) noexcept {
      return a.key != b.key ? a.key < b.key : a.row < b.row;
    }
  };
  // Eight bytes of a string, all bytes before which are known to equal those of the others of its run.
  struct Part {
    std::uint64_t bytes;
    std::uint32_t left;  // how many of them there are
    Row row;

    friend bool operator<(const Part& a, const Part& b) noexcept {
      if (a.bytes != b.bytes) return a.bytes < b.bytes;
      return a.left != b.left ? a.left < b.left : a.row < b.row;
    }
    bool is_same(const Part& other) const noexcept { return bytes == other.bytes && left == other.left; }
  };
  struct Number {
    Decimal value;
    Row row;
  };
  struct Time {
    Instant value;
    Row row;
  };

  ExactKey key_of(Kind kind, std::string_view text) const {
    if (!path_.times || kind == Kind::null) return sort_key(kind, text);
    const auto instant = kind == Kind::string ? parse_instant(text) : std::nullopt;
    return instant ? sort_key(*instant) : ExactKey();
  }

  void read_all(Row n) {
    const bool in_metadata = path_.tracked > 1 && path_.keys[0] == "metadata";  // as find_value() reads it
    for (Row row = 0; row < n; ++row) {
      if (row + kRecordsAhead < n) segment_.prefetch_text(row + kRecordsAhead, in_metadata);
      read(row);
    }
  }

  void read(Row row) {
    const char* const value = find_value(segment_, row, path_, read_);
    if (value == nullptr) return;
    const std::string_view text = ordered_text(value, buffer_);
    const auto [key, exact, cut] = key_of(kind_of(*value), text);
    keys_[row] = key;
    if (!is_value(key)) return;
    entries_.push_back({key, row});
    cut_ |= cut;
    if (exact) return;
    if (texts_.empty()) texts_.resize(segment_.size());
    keep_text(row, text);
  }

  void keep_text(Row row, std::string_view text) {
    texts_[row] = text.data() == buffer_.data() ? decoded_.emplace_back(text) : text;
  }

  // Marks the places (first, last) as equal to the ones before.
  void tie(std::size_t first, std::size_t last) {
    for (std::size_t i = first + 1; i < last; ++i) set_bit(ties_.data(), static_cast<Row>(i));
  }

  // Sorts the places [first, last), whose keys are equal, by value and row.
  void sort_run(std::size_t first, std::size_t last) {
    if (last - first == 1) return;
    const std::span<Entry> run(entries_.data() + first, last - first);
    const auto decides = [&](const Entry& e) { return texts_.empty() || texts_[e.row].data() == nullptr; };
    if (std::ranges::all_of(run, decides)) return tie(first, last);
    for (const Entry& e : run) {
      if (decides(e)) keep_text(e.row, ordered_text(find_value(segment_, e.row, path_, read_), buffer_));
    }
    if (path_.times) return sort_values<Time>(run, first);
    if (kind_of_key(run.front().key) == Kind::number) return sort_values<Number>(run, first);
    parts_.clear();
    for (const Entry& e : run) parts_.push_back({0, 0, e.row});
    sort_texts(parts_, 0, first);
  }

  Time value_of(Row row, Time) { return {*parse_instant(texts_[row]), row}; }
  Number value_of(Row row, Number) { return {ordered_number(texts_[row]), row}; }
  static std::strong_ordering compare_values(const Time& a, const Time& b) { return a.value <=> b.value; }
  static std::strong_ordering compare_values(const Number& a, const Number& b) {
    return compare(a.value, b.value);
  }

  template <class Value>
  void sort_values(std::span<Entry> run, std::size_t first) {
    std::vector<Value> values;
    values.reserve(run.size());
    for (const Entry& e : run) values.push_back(value_of(e.row, Value()));
    const auto differs = [&](const Value& v) { return std::is_neq(compare_values(v, values.front())); };
    if (std::ranges::any_of(values, differs)) {
      std::ranges::sort(values, [](const Value& a, const Value& b) {
        const std::strong_ordering order = compare_values(a, b);
        return std::is_eq(order) ? a.row < b.row : std::is_lt(order);
      });
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      run[i].row = values[i].row;
      if (i > 0 && std::is_eq(compare_values(values[i - 1], values[i]))) tie(first + i - 1, first + i + 1);
    }
  }

  // The first `n` of eight bytes, the first one in the highest place.
  static std::uint64_t first_bytes(std::string_view text, std::uint32_t n) noexcept {
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < 8; ++i) {
      bytes = bytes << 8 | (i < n ? static_cast<unsigned char>(text[i]) : 0U);
    }
    return bytes;
  }

  // Sorts strings whose first `depth` bytes are equal into the places from `first` on. By eight bytes at a
  // time: to compare strings pair by pair would read each of them about log n times from the records.
  void sort_texts(std::span<Part> parts, std::size_t depth, std::size_t first) {
    for (Part& part : parts) {
      const std::string_view text = texts_[part.row].substr(depth);
      part.left = static_cast<std::uint32_t>(std::min<std::size_t>(8, text.size()));
      part.bytes = first_bytes(text, part.left);
    }
    if (!std::ranges::all_of(parts, [&](const Part& part) { return part.is_same(parts.front()); })) {
      std::sort(parts.begin(), parts.end());
    }
    for (std::size_t i = 0; i < parts.size();) {
      std::size_t end = i + 1;
      while (end < parts.size() && parts[i].is_same(parts[end])) ++end;
      if (parts[i].left == 8 && end - i > 1) {
        sort_texts(parts.subspan(i, end - i), depth + 8, first + i);
      } else {
        for (std::size_t k = i; k < end; ++k) entries_[first + k].row = parts[k].row;
        tie(first + i, first + end);
      }
      i = end;
    }
  }

  const Segment& segment_;
  const OrderedPath& path_;
  std::string buffer_;
  std::int64_t read_ = 0;
  bool cut_ = false;
  std::vector<SortKey> keys_;
  std::vector<Entry> entries_;  // of rows with a value
  std::vector<std::uint64_t> ties_;
  std::vector<std::string_view> texts_;  // by row, of values whose keys do not decide; empty if all do
  std::deque<std::string> decoded_;      // its elements stay where they are
  std::vector<Part> parts_;              // of the run of strings that is being sorted
};

}  // namespace

std::unique_ptr<const PathView> make_view(const Segment& segment, const OrderedPath& path) {
  return std::make_unique<const PathView>(PathView{path, ViewBuilder(segment, path).build(nullptr)});
}

std::unique_ptr<const PathView> make_view(const Segment& segment, const OrderedPath& path,
                                          const PostingList& rows) {
  return std::make_unique<const PathView>(PathView{path, ViewBuilder(segment, path).build(&rows)});
}

}  // namespace syncdex::inline v0
