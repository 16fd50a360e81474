// What a screen with filters needs: the choices with their counts, the paths in metadata, and a hint for
// users who find nothing.
#include <syncdex/ostream.h>
#include <syncdex/syncdex.h>

#include <iostream>

int main(int, char** argv) {
  const auto catalog = syncdex::Catalog::load_file(argv[1]);
  if (!catalog) return 1;
  const auto active = syncdex::QueryBuilder().status("active").build();
  std::cout << "providers of active syncs:";
  for (const auto& [value, records] : catalog->facets(*active).provider)
    std::cout << ' ' << value << " (" << records << ')';
  std::cout << '\n';
  for (const syncdex::PathSummary& path : catalog->paths()) {
    if (path.path.starts_with("metadata.")) {
      std::cout << path.path << ": in " << path.records << " of " << catalog->size() << ", " << path.values
                << " values\n";
    }
  }
  const auto typo = syncdex::QueryBuilder().metadata("region", "EU").build();
  std::cout << catalog->hint(*typo) << '\n';
  if (const auto mismatch = catalog->why_not("2", *active)) std::cout << "2: " << *mismatch << '\n';
}
