#include "path_table.h"

#include <algorithm>
#include <cstring>

namespace syncdex::inline v0 {
namespace {

struct NamedRole {
  std::string_view name;
  Role role;
};

constexpr NamedRole kFields[] = {
    {"id", Role::id},
    {"provider", Role::provider},
    {"name", Role::name},
    {"status", Role::status},
    {"health.status", Role::health_status},
    {"org_id", Role::org_id},
    {"stream_id", Role::stream_id},
    {"external_id", Role::external_id},
    {"credential_id", Role::credential_id},
    {"sync_frequency", Role::sync_frequency},
    {"health", Role::health},
    {"metadata", Role::metadata},
    {"collection_ids", Role::collection_ids},
    {"collection_ids", Role::collection_id},
    {"data", Role::data},
};

// A key is kept with its quotes and its colon, as in text, and padding, so that a reader may load words.
constexpr std::size_t kKeyPadding = 16;
constexpr std::size_t kKeyBlock = 4096;

}  // namespace

std::string_view to_string(Role role) noexcept { return kFields[static_cast<std::size_t>(role)].name; }

PathTraits root_traits() noexcept { return {}; }

PathTraits child_traits(PathId parent, const PathTraits& of_parent, PathStep step) noexcept {
  PathTraits traits;
  if (of_parent.opens_index) {
    traits.indexed = traits.opens_index = true;
  } else if (of_parent.secret || (of_parent.credential && !step.element && step.key == "properties")) {
    traits.secret = true;
  } else if (parent == kRootPath && !step.element) {
    for (const NamedRole& field : kFields) {
      if (field.name != step.key || field.role == Role::health_status) continue;
      traits.role = field.role;
      traits.indexed = field.role != Role::data;
      traits.opens_index = field.role == Role::metadata;
      break;
    }
    traits.credential = step.key == "credential";
  } else if (of_parent.role == Role::health && !step.element && step.key == "status") {
    traits.role = Role::health_status;
    traits.indexed = true;
  } else if (of_parent.role == Role::collection_ids && step.element) {
    traits.role = Role::collection_id;
    traits.indexed = true;
  }
  return traits;
}

PathTable::PathTable() : slots_(64, kNoPath) {
  nodes_.push_back({{}, root_path_hash(hash_seed()), kNoPath, root_traits()});
}

std::size_t PathTable::slot_of(PathId parent, PathStep step, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const PathId path = slots_[at];
    if (path == kNoPath) return at;
    const Node& node = nodes_[path];
    if (node.hash == hash && node.parent == parent && node.step == step) return at;
  }
}

PathId PathTable::find(PathId parent, PathStep step, std::uint64_t hash) const noexcept {
  return slots_[slot_of(parent, step, hash)];
}

PathId PathTable::intern(PathId parent, PathStep step, std::uint64_t hash) {
  std::size_t at = slot_of(parent, step, hash);
  if (slots_[at] != kNoPath) return slots_[at];
  if ((nodes_.size() + 1) * 2 > slots_.size()) {
    grow();
    at = slot_of(parent, step, hash);
  }
  const std::size_t length = step.key.size() + kKeyPadding;
  if (length > block_left_) {
    const std::size_t block = std::max(length, kKeyBlock);
    key_blocks_.push_back(std::make_unique<char[]>(block));
    block_left_ = block;
    key_bytes_ += block;
  }
  // A block larger than kKeyBlock holds one key and is full with it.
  const std::size_t block = std::max(block_left_, kKeyBlock);
  char* key = key_blocks_.back().get() + (block - block_left_);
  *key++ = '"';
  if (!step.key.empty()) std::memcpy(key, step.key.data(), step.key.size());
  std::memcpy(key + step.key.size(), "\":", 2);
  const PathTraits traits = child_traits(parent, nodes_[parent].traits, step);
  const auto path = static_cast<PathId>(nodes_.size());
  nodes_.push_back({{{key, step.key.size()}, step.element}, hash, parent, traits});
  block_left_ -= length;
  slots_[at] = path;
  return path;
}

void PathTable::grow() {
  std::vector<PathId> old(slots_.size() * 2, kNoPath);
  old.swap(slots_);
  for (PathId path = 1; path < nodes_.size(); ++path) {
    const Node& node = nodes_[path];
    slots_[slot_of(node.parent, node.step, node.hash)] = path;
  }
}

std::vector<PathId> PathTable::absorb(const PathTable& other) {
  std::vector<PathId> mapped(other.size(), kRootPath);
  for (PathId path = 1; path < other.size(); ++path) {  // a parent comes before its children
    mapped[path] = intern(mapped[other.parent(path)], other.step(path), other.hash(path));
  }
  return mapped;
}

std::size_t PathTable::bytes() const noexcept {
  return nodes_.capacity() * sizeof(Node) + slots_.capacity() * sizeof(PathId) + key_bytes_;
}

}  // namespace syncdex::inline v0
