// A plugin with its own copy of syncdex. What it loads and queries stays within that copy.
#include <syncdex/syncdex.h>

#include <cstdio>

extern "C" void plugin() {
  const auto loaded = syncdex::Catalog::load("{\"id\":\"0\",\"provider\":\"p\"}\n{\"id\":\"1\"}\n");
  syncdex::LiveCatalog live(*loaded);
  const auto diff = live.apply({.upserts = "{\"id\":\"0\",\"provider\":\"q\"}", .erases = {"1"}});
  const syncdex::Query query = *syncdex::QueryBuilder().provider("q").build();
  const syncdex::Catalog now = live.snapshot();
  std::printf("%d %zu %zu %zu %s\n", loaded->find_id("0").has_value(), diff->removed.size(), now.size(),
              now.count(query), now.verify(query) ? "different" : "equal");
}
