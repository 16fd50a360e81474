// Loads the good records of a bad file, and reports what was left out.
#include <syncdex/syncdex.h>

#include <cstdio>

int main() {
  const auto catalog = syncdex::Catalog::load(
      "{\"id\":\"1\"}\n{\"id\":2}\n{\"id\":\"3\",\"health\":\"ok\"}\n{\"id\":\"4\"\n{\"id\":\"5\"}\n",
      {.skip_bad = true});
  if (!catalog) return 1;
  std::printf("%zu loaded\n", catalog->size());
  for (const syncdex::BadRecord& bad : catalog->report().bad) {
    std::printf("line %llu: %.*s: %s%s%s\n", static_cast<unsigned long long>(bad.line),
                static_cast<int>(to_string(bad.code).size()), to_string(bad.code).data(), bad.reason.c_str(),
                bad.id ? ", id " : "", bad.id.value_or("").c_str());
  }
}
