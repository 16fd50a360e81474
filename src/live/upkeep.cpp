#include "live/upkeep.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "live/merge.h"

namespace syncdex::inline v0 {
namespace {

// A version may be kept for a while if a merge replaced at most this many bytes of its text.
constexpr std::size_t kLittle = std::size_t{4} << 20;
// The path table is reset after a refused change once it exceeds twice the current paths plus this number.
constexpr std::size_t kSomePaths = 1024;
// A path table smaller than this is never rebuilt.
constexpr std::size_t kFewPathBytes = std::size_t{1} << 20;

std::size_t text_bytes(std::span<const Part> parts) noexcept {
  std::size_t bytes = 0;
  for (const Part& part : parts) bytes += part.segment->text_bytes();
  return bytes;
}

Versions::Previous previous(std::span<const Part> merged) noexcept {
  return text_bytes(merged) <= kLittle ? Versions::Previous::keep : Versions::Previous::free;
}

}  // namespace

LoadTools& Upkeep::tools_for(const Snapshot& version) {
  if (tools_ == nullptr) tools_ = std::make_unique<LoadTools>(version.paths().fork());
  return *tools_;
}

void Upkeep::reset_tools_if_grown(const Snapshot& version) noexcept {
  if (tools_ != nullptr && tools_->reader.paths().size() > 2 * version.paths().size() + kSomePaths)
    tools_.reset();
}

void Upkeep::start_from(const PathTable& paths) noexcept {
  tools_.reset();
  lean_paths_ = paths.size();
}

void Upkeep::merge_due() noexcept {
  try {
    for (;;) {
      const Version before = versions_.current();
      const std::optional<PartRange> due = due_merge(before->parts());
      if (!due) return rebuild_paths();
      const auto source = std::span(before->parts()).subspan(due->first, due->count);
      std::vector<Part> parts = before->parts();
      if (!install(parts, source, merge(source, before->paths()))) return;
      versions_.publish(std::make_shared<const Snapshot>(std::move(parts), before->paths(), before->origin()),
                        previous(source));
    }
  } catch (...) {
    tools_.reset();
  }
}

// Rebuilds the path table once it has doubled since the last build and is large compared with the text. Paths
// are never removed from a table, because segments refer to them by id. So all records are loaded again with
// a new table.
void Upkeep::rebuild_paths() {
  const Version before = versions_.current();
  const std::size_t text = text_bytes(before->parts());
  const PathTable& paths = before->paths();
  if (paths.size() < 2 * lean_paths_ || paths.bytes() < std::max<std::size_t>(text / 8, kFewPathBytes))
    return;
  auto fresh = std::make_unique<LoadTools>();
  std::vector<Part> parts;
  for (const Part& part : before->parts()) {
    for (Part& rewritten : rewrite(part, *fresh)) parts.push_back(std::move(rewritten));
  }
  versions_.publish(
      std::make_shared<const Snapshot>(std::move(parts), fresh->reader.paths(), before->origin()),
      Versions::Previous::free);
  tools_ = std::move(fresh);
  lean_paths_ = tools_->reader.paths().size();
}

bool Upkeep::merge_concurrently(std::recursive_mutex& writing) {
  bool any = false;
  for (;;) {
    const Version before = versions_.current();
    const std::optional<PartRange> due = due_merge(before->parts());
    if (!due) {
      const std::lock_guard lock(writing);
      rebuild_paths();
      versions_.free_unused();
      return any;
    }
    const auto source = std::span(before->parts()).subspan(due->first, due->count);
    std::optional<Part> merged = merge(source, before->paths());
    const std::lock_guard lock(writing);
    const Version now = versions_.current();
    std::vector<Part> parts = now->parts();
    if (!install(parts, source, std::move(merged))) continue;  // a change replaced the parts meanwhile
    versions_.publish(std::make_shared<const Snapshot>(std::move(parts), now->paths(), now->origin()),
                      previous(source));
    any = true;
  }
}

}  // namespace syncdex::inline v0
