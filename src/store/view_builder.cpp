#include "store/view_builder.h"

#include <algorithm>
#include <compare>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "store/ordered_value.h"

namespace syncdex::inline v0 {

namespace {

class ViewBuilder {
 public:
  ViewBuilder(const Segment& segment, const OrderedPath& path) : segment_(segment), path_(path) {}

  OrderedView build() {
    read();
    std::ranges::sort(entries_);
    ties_.resize(words_for(entries_.size()));
    for (std::size_t i = 0; i < entries_.size();) {
      std::size_t end = i + 1;
      while (end < entries_.size() && entries_[end].key == entries_[i].key) ++end;
      sort_run(i, end);
      i = end;
    }
    std::vector<Row> rows(entries_.size());
    std::ranges::transform(entries_, rows.begin(), &Entry::row);
    return {std::move(keys_), std::move(rows), std::move(ties_), inexact_.empty()};
  }

 private:
  struct Entry {
    SortKey key;
    Row row;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  // A string whose first bytes are known to equal those of all strings of its run.
  struct Text {
    std::string_view text;
    Row row;
    std::uint64_t next = 0;  // the eight bytes after those
    unsigned left = 0;       // how many of them there are

    auto order() const noexcept { return std::tuple(next, left, row); }
  };
  struct Number {
    Decimal value;
    Row row;
  };
  struct Time {
    Instant value;
    Row row;
  };

  ExactKey key_of(const char* value) {
    const Kind kind = kind_of(*value);
    if (kind == Kind::null) return {kNullValue, true};
    const std::string_view text = ordered_text(value, buffer_);
    if (!path_.times) return sort_key(kind, text);
    const auto instant = kind == Kind::string ? parse_instant(text) : std::nullopt;
    return instant ? sort_key(*instant) : ExactKey();
  }

  void read() {
    const auto n = static_cast<Row>(segment_.size());
    keys_.resize(n, kNoValue);
    entries_.reserve(n);
    for (Row row = 0; row < n; ++row) {
      const char* const value = find_value(segment_, row, path_);
      if (value == nullptr) continue;
      const auto [key, exact] = key_of(value);
      keys_[row] = key;
      if (!is_value(key)) continue;
      entries_.push_back({key, row});
      if (exact) continue;
      if (inexact_.empty()) inexact_.resize(words_for(n));
      set_bit(inexact_.data(), row);
    }
    entries_.shrink_to_fit();
  }

  // Marks the places (first, last) as equal to the ones before.
  void tie(std::size_t first, std::size_t last) {
    for (std::size_t i = first + 1; i < last; ++i) set_bit(ties_.data(), static_cast<Row>(i));
  }

  // Sorts the places [first, last), whose keys are equal, by value and row.
  void sort_run(std::size_t first, std::size_t last) {
    if (last - first == 1) return;
    const std::span<Entry> run(entries_.data() + first, last - first);
    const auto inexact = [&](const Entry& e) { return !inexact_.empty() && test_bit(inexact_.data(), e.row); };
    if (std::ranges::none_of(run, inexact)) return tie(first, last);
    if (path_.times) return sort_values<Time>(run, first);
    if (kind_of_key(run.front().key) == Kind::number) return sort_values<Number>(run, first);
    std::vector<Text> texts;
    std::deque<std::string> decoded;  // its elements stay where they are
    texts.reserve(run.size());
    for (const Entry& e : run) {
      std::string_view text = ordered_text(find_value(segment_, e.row, path_), buffer_);
      if (text.data() == buffer_.data()) text = decoded.emplace_back(text);
      texts.push_back({text, e.row});
    }
    sort_texts(texts, 0, first);
  }

  Time value_of(Row row, Time) {
    return {*parse_instant(ordered_text(find_value(segment_, row, path_), buffer_)), row};
  }
  Number value_of(Row row, Number) {
    return {parse_decimal(number_at(find_value(segment_, row, path_))), row};
  }
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

  // Sorts strings whose first `depth` bytes are equal into the places from `first` on. By eight bytes at a
  // time: to compare strings pair by pair would read each of them about log n times from the records.
  void sort_texts(std::span<Text> texts, std::size_t depth, std::size_t first) {
    for (Text& t : texts) {
      t.left = static_cast<unsigned>(std::min<std::size_t>(8, t.text.size() - depth));
      t.next = 0;
      for (unsigned i = 0; i < 8; ++i) {
        t.next = t.next << 8 | (i < t.left ? static_cast<unsigned char>(t.text[depth + i]) : 0);
      }
    }
    const auto same = [](const Text& a, const Text& b) { return a.next == b.next && a.left == b.left; };
    if (!std::ranges::all_of(texts, [&](const Text& t) { return same(t, texts.front()); })) {
      std::ranges::sort(texts, {}, &Text::order);
    }
    for (std::size_t i = 0; i < texts.size();) {
      std::size_t end = i + 1;
      while (end < texts.size() && same(texts[i], texts[end])) ++end;
      if (texts[i].left == 8 && end - i > 1) {
        sort_texts(texts.subspan(i, end - i), depth + 8, first + i);
      } else {
        for (std::size_t k = i; k < end; ++k) entries_[first + k].row = texts[k].row;
        tie(first + i, first + end);
      }
      i = end;
    }
  }

  const Segment& segment_;
  const OrderedPath& path_;
  std::string buffer_;
  std::vector<SortKey> keys_;
  std::vector<Entry> entries_;            // of rows with a value
  std::vector<std::uint64_t> inexact_;  // rows whose keys do not decide; empty if there is none
  std::vector<std::uint64_t> ties_;
};

}  // namespace

std::unique_ptr<const PathView> make_view(const Segment& segment, const OrderedPath& path) {
  return std::make_unique<const PathView>(PathView{path, ViewBuilder(segment, path).build()});
}

}  // namespace syncdex::inline v0
