// The ordered views that a segment keeps (terms/ordered_view.h): one for each path that was asked for last.
//
// Readers take no lock. They announce themselves, and a view that another one replaced is freed once no
// reader that may have found it is left:
//
//   reader   readers[phase] += 1;  read a place;  use the view;  readers[phase] -= 1
//   builder  put another view into the place;  later free the old one, after both counts were seen at zero
//
// A reader that announces itself after its count was seen at zero finds the new view. The phase changes when
// the other count is zero, so that new readers do not keep the count of old ones above zero.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "terms/ordered_path.h"
#include "terms/ordered_view.h"

namespace syncdex::inline v0 {

// A view, and the path it is of.
struct PathView {
  OrderedPath path;
  OrderedView view;
};

class OrderedViews {
  struct Kept;

 public:
  // Views that a segment can keep, whatever Limits::ordered_views says.
  static constexpr std::size_t kMost = 64;

  OrderedViews() = default;
  OrderedViews(const OrderedViews&) = delete;
  OrderedViews& operator=(const OrderedViews&) = delete;
  ~OrderedViews();

  // One reader; what it finds stays valid until it is destroyed. Any number of threads may have readers.
  class Reader {
   public:
    Reader() noexcept = default;
    explicit Reader(const OrderedViews& views);
    Reader(Reader&& other) noexcept { *this = std::move(other); }
    Reader& operator=(Reader&& other) noexcept {
      std::swap(kept_, other.kept_);
      std::swap(readers_, other.readers_);
      return *this;
    }
    ~Reader();

    // The view of the path if it is kept, or null.
    const OrderedView* find(const OrderedPath& path) const noexcept;
    // Whether this was called for the path before; about, since only the last paths are remembered.
    bool was_asked_before(const OrderedPath& path) noexcept;
    // Keeps the view, or if another thread was faster, the one that it made. If there are `most` views, it
    // replaces the one that was used least recently. Returns what is kept; null, with `view` untouched, if
    // `most` is 0, or if as many replaced views wait for their last readers.
    const OrderedView* keep(std::unique_ptr<const PathView>& view, std::size_t most);

   private:
    Kept* kept_ = nullptr;
    std::atomic<std::uint32_t>* readers_ = nullptr;
  };

  // The views that are kept, and their memory.
  std::size_t size() const noexcept;
  std::size_t bytes() const noexcept;
  // Their paths.
  std::vector<OrderedPath> paths() const;
  // Forgets all views.
  void clear() const;

 private:
  mutable std::atomic<Kept*> kept_{nullptr};  // made for the first reader
};

}  // namespace syncdex::inline v0
