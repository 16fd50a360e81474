#include "terms/path_table.h"

#include <algorithm>
#include <cstring>

#include "json/scalar.h"

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

// A key is stored as in text, with its quotes and colon, and is padded so that readers may load whole words.
constexpr std::size_t kKeyPadding = 16;
constexpr std::size_t kKeyBlock = 4096;

}  // namespace

std::string_view to_string(Role role) noexcept { return kFields[static_cast<std::size_t>(role)].name; }

void append_step(PathStep step, std::string& path) {
  if (step.element) {
    path += "[]";
    return;
  }
  if (!path.empty()) path += '.';
  const bool plain =
      !step.key.empty() && step.key.front() != '-' && std::ranges::all_of(step.key, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 0x7F &&
               std::string_view(".[]\",").find(c) == std::string_view::npos;
      });
  if (plain) {
    path += step.key;
  } else {
    append_quoted(step.key, path);
  }
}

PathTraits root_traits() noexcept { return {}; }

std::string shortened(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  while ((static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return std::string(text.substr(0, longest)) + "...";
}

std::string path_text(std::span<const PathStep> steps) {
  std::string text;
  for (std::size_t i = steps.size(); i > 0 && text.size() <= kLongestPath;) {
    const PathStep step = steps[--i];
    append_step({step.key.substr(0, kLongestPath + 1), step.element}, text);
  }
  return shortened(text, kLongestPath);
}

PathTraits child_traits(PathId parent, const PathTraits& of_parent, PathStep step) noexcept {
  PathTraits traits;
  if (of_parent.indexes_subtree) {
    traits.indexed = traits.indexes_subtree = true;
  } else if (of_parent.secret || (of_parent.credential && !step.element && step.key == "properties")) {
    traits.secret = true;
  } else if (parent == kRootPath && !step.element) {
    for (const NamedRole& field : kFields) {
      if (field.name != step.key || field.role == Role::health_status) continue;
      traits.role = field.role;
      traits.indexed = field.role != Role::data;
      traits.indexes_subtree = field.role == Role::metadata;
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
  // `credential` should not be an array. If it is one, its elements are treated like `credential` itself.
  if (of_parent.credential && step.element) traits.credential = true;
  return traits;
}

PathTable::Slots::Slots(std::size_t size)
    : mask(size - 1), paths(std::make_unique<std::atomic<PathId>[]>(size)) {
  for (std::size_t i = 0; i < size; ++i) paths[i].store(kNoPath, std::memory_order_relaxed);
}

PathTable::PathTable() : nodes_(std::make_shared<Nodes>()), slots_(std::make_shared<Slots>(64)) {
  push({{}, root_path_hash(hash_seed()), kNoPath, root_traits()});
}

PathTable PathTable::fork() const {
  PathTable copy;
  copy.merge_from(*this);
  return copy;
}

void PathTable::push(const Node& added) {
  const PathId path = size_;
  const auto chunk = static_cast<std::size_t>(std::bit_width(path / kFirstChunk + 1) - 1);
  if (nodes_->chunks[chunk] == nullptr) {
    nodes_->chunks[chunk] = std::make_unique<Node[]>(kFirstChunk << chunk);
  }
  node(path) = added;
  ++size_;
}

PathTable::Place PathTable::look_up(PathId parent, const PathStep& step, std::uint64_t hash) const noexcept {
  const auto low = static_cast<std::uint32_t>(hash);
  for (std::size_t at = low & slots_->mask;; at = (at + 1) & slots_->mask) {
    const PathId path = slots_->paths[at].load(std::memory_order_relaxed);
    if (path == kNoPath) return {at, path};
    if (path >= size_) continue;  // added by another copy
    const Node& n = node(path);
    if (static_cast<std::uint32_t>(n.hash) == low && n.parent == parent && n.step == step) return {at, path};
  }
}

PathId PathTable::intern(PathId parent, PathStep step, std::uint64_t hash) {
  Place place = look_up(parent, step, hash);
  if (place.path != kNoPath) return place.path;
  if ((std::size_t{size_} + 1) * 2 > slots_->mask) {
    grow();
    place = look_up(parent, step, hash);
  }
  const std::size_t length = step.key.size() + kKeyPadding;
  if (length > nodes_->block_left) {
    const std::size_t block = std::max(length, kKeyBlock);
    nodes_->key_blocks.push_back(std::make_unique<char[]>(block));
    nodes_->block_left = block;
    key_bytes_ += block;
  }
  // A block larger than kKeyBlock was allocated for one key and is full.
  const std::size_t block = std::max(nodes_->block_left, kKeyBlock);
  char* key = nodes_->key_blocks.back().get() + (block - nodes_->block_left);
  *key++ = '"';
  if (!step.key.empty()) std::memcpy(key, step.key.data(), step.key.size());
  std::memcpy(key + step.key.size(), "\":", 2);
  const PathTraits traits = child_traits(parent, node(parent).traits, step);
  const PathId path = size_;
  push({{{key, step.key.size()}, step.element}, hash, parent, traits});
  nodes_->block_left -= length;
  slots_->paths[place.at].store(path, std::memory_order_relaxed);
  return path;
}

// Older copies keep the smaller table of slots.
void PathTable::grow() {
  slots_ = std::make_shared<Slots>((slots_->mask + 1) * 2);
  for (PathId path = 1; path < size_; ++path) {
    const Node& n = node(path);
    slots_->paths[look_up(n.parent, n.step, n.hash).at].store(path, std::memory_order_relaxed);
  }
}

std::vector<PathId> PathTable::merge_from(const PathTable& other) {
  std::vector<PathId> mapped(other.size(), kRootPath);
  for (PathId path = 1; path < other.size(); ++path) {  // a parent comes before its children
    mapped[path] = intern(mapped[other.parent(path)], other.step(path), other.hash(path));
  }
  return mapped;
}

std::size_t PathTable::bytes() const noexcept {
  std::size_t nodes = kFirstChunk;
  while (nodes < size_) nodes = nodes * 2 + kFirstChunk;
  return nodes * sizeof(Node) + (slots_->mask + 1) * sizeof(PathId) + key_bytes_;
}

}  // namespace syncdex::inline v0
