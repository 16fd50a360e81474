#include "live/versions.h"

#include <utility>

namespace syncdex::inline v0 {

void Versions::publish(Version next, Previous previous) noexcept {
  {
    const std::lock_guard lock(mutex_);
    current_.swap(next);
  }
  if (previous == Previous::keep) {
    next_ = (next_ + 1) % kept_.size();
    kept_[next_] = std::move(next);
  } else {
    kept_ = {};
  }
}

void Versions::free_unused() noexcept {
  for (Version& version : kept_) {
    if (version.use_count() == 1) version.reset();
  }
}

}  // namespace syncdex::inline v0
