// Publishes the versions of a live catalog, and decides on whose thread the memory of old ones is freed.
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "store/snapshot.h"

namespace syncdex::inline v0 {

using Version = std::shared_ptr<const Snapshot>;

class Versions {
 public:
  // What becomes of the previous version. `free`: it is freed here or by its last reader, and so are those
  // that were kept. `keep`, for versions with little memory of their own: it is kept until free_unused(), so
  // that no reader has to free it.
  enum class Previous : bool { free, keep };

  // Thread-safe: takes a lock to copy a pointer.
  Version current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

  // One writer at a time.
  void publish(Version next, Previous previous) noexcept;
  // Frees kept versions that no reader uses. No reader can acquire a version that is not current, so a use
  // count of 1 is final.
  void free_unused() noexcept;

 private:
  mutable std::mutex mutex_;  // held only to copy or swap a pointer
  Version current_;
  std::array<Version, 8> kept_;
  std::size_t next_ = 0;
};

}  // namespace syncdex::inline v0
