// The result of a query: a list of rows, and the snapshot that holds their bytes.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "syncdex/config.h"
#include "syncdex/record.h"

namespace syncdex::inline v0 {

class Snapshot;

// A sized random-access range of Record, in load order. It owns its rows and keeps the records' bytes alive,
// whatever happens to the catalog. Move-only. Safe to read from many threads.
//
// Members cost O(1) unless stated otherwise. The only failure is std::bad_alloc.
//
// Records and slices point into bytes that this object keeps alive. They must not outlive it. Calls on a
// temporary that would return dangling views do not compile.
class SYNCDEX_API Matches {
 public:
  class iterator;
  using const_iterator = iterator;
  using value_type = Record;

  Matches() noexcept = default;
  // A moved-from Matches is empty.
  Matches(Matches&& other) noexcept
      : snapshot_(std::move(other.snapshot_)),
        rows_(std::move(other.rows_)),
        size_(std::exchange(other.size_, 0)),
        in_load_order_(other.in_load_order_) {}
  Matches& operator=(Matches&& other) noexcept {
    snapshot_ = std::move(other.snapshot_);
    rows_ = std::move(other.rows_);
    size_ = std::exchange(other.size_, 0);
    in_load_order_ = other.in_load_order_;
    return *this;
  }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  ~Matches() = default;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  // Returns match i. REQUIRES: i < size(). Cost: O(log segments).
  Record operator[](std::size_t i) const& noexcept SYNCDEX_LIFETIME_BOUND;
  Record operator[](std::size_t i) const&& = delete;

  iterator begin() const& noexcept SYNCDEX_LIFETIME_BOUND;
  iterator end() const& noexcept SYNCDEX_LIFETIME_BOUND;
  iterator begin() const&& = delete;
  iterator end() const&& = delete;

  // Returns the records' bytes in order, for example for a scatter/gather write. Cost: O(size()).
  std::vector<std::string_view> slices() const& SYNCDEX_LIFETIME_BOUND;
  std::vector<std::string_view> slices() const&& = delete;

  // Calls f(std::string_view) for each record's bytes; allocates nothing. Cost: O(size()).
  template <class F>
  void for_each_slice(F&& f) const {
    std::string_view block[64];
    for (std::size_t i = 0; i < size_;) {
      const std::size_t n = slice_block(i, block);
      for (std::size_t k = 0; k < n; ++k) f(block[k]);
      i += n;
    }
  }

  // Appends {"data":[...]} with the records' bytes joined by commas. On std::bad_alloc nothing is appended.
  // Cost: O(bytes).
  void append_json_to(std::string& out) const;
  std::string json() const;

  // The size() matching rows, in the order of the answer. Rows are numbered over the whole catalog in load
  // order, so without an Order they increase. Meant for tests and set operations.
  const std::uint32_t* rows() const& noexcept SYNCDEX_LIFETIME_BOUND { return rows_.get(); }
  const std::uint32_t* rows() const&& = delete;

 private:
  friend class Access;
  // Takes ownership of `size` rows of `snapshot`; in load order they increase.
  Matches(std::shared_ptr<const Snapshot> snapshot, std::unique_ptr<std::uint32_t[]> rows, std::size_t size,
          bool in_load_order = true) noexcept;
  // Fills `block` with slices from match i on and returns how many it wrote (at least one). REQUIRES: i <
  // size()
  std::size_t slice_block(std::size_t i, std::string_view (&block)[64]) const noexcept;

  std::shared_ptr<const Snapshot> snapshot_;
  std::unique_ptr<std::uint32_t[]> rows_;
  std::size_t size_ = 0;
  bool in_load_order_ = true;
};

// Points into a Matches object, which must outlive it.
class Matches::iterator {
 public:
  using iterator_concept = std::random_access_iterator_tag;
  // Dereferencing returns a value, as vector<bool>'s iterator does. The random-access category makes
  // std::prev and std::distance O(1).
  using iterator_category = std::random_access_iterator_tag;
  using value_type = Record;
  using difference_type = std::ptrdiff_t;
  struct pointer {  // holds the Record whose members are called through ->
    Record record;
    const Record* operator->() const noexcept { return &record; }
  };
  using reference = Record;

  iterator() noexcept = default;

  Record operator*() const noexcept { return (*matches_)[at_]; }
  pointer operator->() const noexcept { return {**this}; }
  Record operator[](difference_type n) const noexcept { return *(*this + n); }

  iterator& operator++() noexcept { return *this += 1; }
  iterator operator++(int) noexcept {
    iterator old = *this;
    ++*this;
    return old;
  }
  iterator& operator--() noexcept { return *this -= 1; }
  iterator operator--(int) noexcept {
    iterator old = *this;
    --*this;
    return old;
  }
  iterator& operator+=(difference_type n) noexcept {
    at_ = static_cast<std::size_t>(static_cast<difference_type>(at_) + n);
    return *this;
  }
  iterator& operator-=(difference_type n) noexcept { return *this += -n; }
  friend iterator operator+(iterator i, difference_type n) noexcept { return i += n; }
  friend iterator operator+(difference_type n, iterator i) noexcept { return i += n; }
  friend iterator operator-(iterator i, difference_type n) noexcept { return i -= n; }
  friend difference_type operator-(const iterator& a, const iterator& b) noexcept {
    return static_cast<difference_type>(a.at_) - static_cast<difference_type>(b.at_);
  }
  friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.at_ == b.at_; }
  friend std::strong_ordering operator<=>(const iterator& a, const iterator& b) noexcept {
    return a.at_ <=> b.at_;
  }

 private:
  friend class Matches;
  iterator(const Matches* matches, std::size_t at) noexcept : matches_(matches), at_(at) {}

  const Matches* matches_ = nullptr;
  std::size_t at_ = 0;
};

inline Matches::iterator Matches::begin() const& noexcept { return {this, 0}; }
inline Matches::iterator Matches::end() const& noexcept { return {this, size_}; }

}  // namespace syncdex::inline v0
