// What a query selected: a list of rows, and the snapshot whose bytes they stand for.
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

// A sized random-access range of Record, in load order. Owns its rows and keeps the bytes alive,
// whatever happens to the catalog. Move-only; safe to read from many threads.
//
// Members cost O(1) where nothing is said, and fail for memory alone.
//
// Records and slices point into bytes that this object keeps: they do not outlive it, and what would
// dangle does not compile.
class SYNCDEX_API Matches {
 public:
  class iterator;
  using const_iterator = iterator;
  using value_type = Record;

  Matches() noexcept = default;
  // What is moved from is empty.
  Matches(Matches&& other) noexcept
      : snapshot_(std::move(other.snapshot_)),
        rows_(std::move(other.rows_)),
        size_(std::exchange(other.size_, 0)) {}
  Matches& operator=(Matches&& other) noexcept {
    snapshot_ = std::move(other.snapshot_);
    rows_ = std::move(other.rows_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  ~Matches() = default;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  // REQUIRES: i < size(). Cost: O(log segments).
  Record operator[](std::size_t i) const& noexcept SYNCDEX_LIFETIME_BOUND;
  Record operator[](std::size_t i) const&& = delete;

  iterator begin() const& noexcept SYNCDEX_LIFETIME_BOUND;
  iterator end() const& noexcept SYNCDEX_LIFETIME_BOUND;
  iterator begin() const&& = delete;
  iterator end() const&& = delete;

  // The records' bytes, in load order: what a scatter/gather write wants. Cost: O(size()).
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

  // Appends {"data":[...]} with the records' bytes joined by commas; on std::bad_alloc nothing. Cost:
  // O(bytes).
  void append_json_to(std::string& out) const;
  std::string json() const;

  // Rows are numbered over the whole catalog, in load order; for tests and for set operations.
  const std::uint32_t* rows() const& noexcept SYNCDEX_LIFETIME_BOUND { return rows_.get(); }
  const std::uint32_t* rows() const&& = delete;

  // Made by Catalog: takes over `size` increasing rows of `snapshot`.
  Matches(std::shared_ptr<const Snapshot> snapshot, std::unique_ptr<std::uint32_t[]> rows,
          std::size_t size) noexcept;

 private:
  // Fills `block` from match i on; gives how many (at least one). REQUIRES: i < size()
  std::size_t slice_block(std::size_t i, std::string_view (&block)[64]) const noexcept;

  std::shared_ptr<const Snapshot> snapshot_;
  std::unique_ptr<std::uint32_t[]> rows_;
  std::size_t size_ = 0;
};

// Points into a Matches object, which must outlive it.
class Matches::iterator {
 public:
  using iterator_concept = std::random_access_iterator_tag;
  // Gives values, not references, as vector<bool>'s does; so std::prev and std::distance are O(1).
  using iterator_category = std::random_access_iterator_tag;
  using value_type = Record;
  using difference_type = std::ptrdiff_t;
  struct pointer {  // a Record to call members on
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
