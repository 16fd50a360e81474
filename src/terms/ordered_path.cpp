#include "terms/ordered_path.h"

namespace syncdex::inline v0 {

OrderedPath::OrderedPath(std::vector<std::string> path_keys, bool as_times)
    : keys(std::move(path_keys)), times(as_times) {
  PathTraits traits = root_traits();
  PathId parent = kRootPath;  // only whether it is kRootPath matters
  hash = root_path_hash(hash_seed());
  for (const std::string& key : keys) {
    tracked += parent == kRootPath || traits.indexed;
    traits = child_traits(parent, traits, {key, false});
    hash = child_path_hash(hash_seed(), hash, {key, false});
    parent = kNoPath;
  }
  hash ^= times ? 1 : 0;
}

}  // namespace syncdex::inline v0
