// A report on a file, as a nightly job prints it: counts, the newest failing syncs, and those left behind.
#include <syncdex/syncdex.h>

#include <cstdio>

int main(int, char** argv) {
  const auto catalog = syncdex::Catalog::load_file(argv[1]);
  if (!catalog) return std::puts(catalog.error().message.c_str()), 1;
  for (const char* path : {"provider", "metadata.region", "metadata.tier"}) {
    std::printf("%s:", path);
    const auto values = catalog->values(path);
    for (const auto& [json, records] : *values) {
      std::printf(" %s %u", json.c_str(), static_cast<unsigned>(records));
    }
    std::puts("");
  }
  const auto failing = syncdex::parse_request("health.status=error&order=-created_at&limit=10");
  const auto newest = catalog->list(*failing);
  for (const syncdex::Record sync : newest->matches()) {
    std::printf("failing: %s, since %s\n", sync.text("name")->c_str(), sync.text("created_at")->c_str());
  }
  const auto old = syncdex::parse_request("updated_at[lt]=2024-02-01");
  std::printf("not updated since February: %zu\n", catalog->count(old->query));
}
