// The ordered views that a segment keeps (terms/ordered_view.h), by path.
//
// A view is kept when its path is first asked for, while there is room. Then it is replaced only by the view
// of a path that was asked for at least twice since the kept one was last used. So one client's questions,
// asked once each, do not replace what others use:
//
//   asked    a  b  c  a  c  d  a  c  c        with room for two
//   kept     a  ab ab ab ab ab ab ab ac       c was asked for twice since b was used
//
// What one request asks for several times (in its filter, its order and its total) counts once, and one
// request replaces at most one view of a segment. Of a path without values no view is kept, only the hash of
// the path: at most kMostEmpty of them, under the same rules.
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
  // Paths without values that a segment remembers.
  static constexpr std::size_t kMostEmpty = 64;

  // Who asks for a view.
  struct Asked {
    std::uint32_t before = 0;   // the time another request asked for it; 0 if none did that is remembered
    std::uint32_t request = 0;  // 0: not a request, and not limited like one
  };

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

    // Returns the view of the path if it is kept, otherwise null.
    const OrderedView* find(const OrderedPath& path) const noexcept;
    // Whether the path is known to have no values in this segment; by its hash.
    bool is_empty(const OrderedPath& path) const noexcept { return is_empty(path.hash); }
    bool is_empty(std::uint64_t path) const noexcept;
    // Remembers such a path, if there is room or it may replace one that was used before `asked_before`.
    void note_empty(std::uint64_t path, Asked asked) noexcept;
    std::vector<std::uint64_t> empty_paths() const;
    // Notes that a request asks for a view of the path that was not found. Sets `request`, which identifies
    // the request, if it is 0.
    Asked note_asked(const OrderedPath& path, std::uint32_t& request) noexcept;
    // Whether keep() would keep a view of a path that was asked for like this.
    bool would_keep(std::size_t most, Asked asked) const noexcept;
    // Keeps the view, or the one that another thread has kept meanwhile. Of `most` views it replaces the one
    // that was used least recently, if that was before the path was asked for. Returns what is kept. Returns
    // null, with `view` untouched, if the view is not kept: it is empty, there is no room, the request has
    // replaced one, or as many replaced views wait for their last readers.
    const OrderedView* keep(std::unique_ptr<const PathView>& view, std::size_t most, Asked asked);

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
