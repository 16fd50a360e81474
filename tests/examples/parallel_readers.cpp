// Many threads query one catalog. It is immutable, so they need no lock. Each has its own handle, so that
// they do not even share a reference count.
#include <syncdex/syncdex.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

int main(int, char** argv) {
  const auto loaded = syncdex::Catalog::load_file(argv[1], {.threads = 2});
  const auto query = syncdex::QueryBuilder().status("active").build();  // parsed once, used often
  if (!loaded || !query) return 1;
  std::atomic<std::size_t> found = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([catalog = *loaded, &query, &found] {
        for (int n = 0; n < 1000; ++n) found += catalog.count(*query);
      });
    }
  }
  std::printf("%zu\n", found.load());
}
