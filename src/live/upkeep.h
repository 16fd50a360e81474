// What keeps a live catalog small and fast: merges segments that are due, and rebuilds the path table when
// most of its paths are gone.
#pragma once

#include <memory>
#include <mutex>

#include "live/versions.h"
#include "load/load_tools.h"

namespace syncdex::inline v0 {

class Upkeep {
 public:
  explicit Upkeep(Versions& versions) : versions_(versions) {}

  // --- for the writer ---

  // Tools for loading changes. Their path table begins as a copy of the version's, with the same path ids,
  // and may grow.
  LoadTools& tools_for(const Snapshot& version);
  // After an exception, or when paths of refused changes have accumulated.
  void reset_tools() noexcept { tools_.reset(); }
  void reset_tools_if_grown(const Snapshot& version) noexcept;
  // The current version has a path table of its own.
  void start_from(const PathTable& paths) noexcept;

  // Runs all due merges. A merge does not change the content, so a failed one is left to the next change.
  void merge_due() noexcept;

  // --- for any thread, one at a time ---

  // Like merge_due(), but merges without the writer's lock and takes it only to install each result.
  // Rebuilding the path table takes the lock for the whole rebuild. Returns whether anything was merged.
  bool merge_concurrently(std::recursive_mutex& writing);

 private:
  void rebuild_paths();

  Versions& versions_;
  std::unique_ptr<LoadTools> tools_;  // their path table includes the current version's; may be null
  std::size_t lean_paths_ = 0;        // the number of paths when the table was last built
};

}  // namespace syncdex::inline v0
