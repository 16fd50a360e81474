// Reads a list page by page, as a client of the endpoint would, but in process.
#include <syncdex/syncdex.h>

#include <cstdio>

int main(int, char** argv) {
  const auto catalog = syncdex::Catalog::load_file(argv[1]);
  auto request = syncdex::parse_request("status=active&limit=2");
  if (!catalog || !request) return 1;
  for (bool more = true; more;) {
    const auto page = catalog->list(*request);
    if (!page) return 1;
    for (const syncdex::Record sync : page->matches()) {
      std::printf("%.*s ", static_cast<int>(sync.id().size()), sync.id().data());
    }
    std::puts(page->has_more() ? "and more" : "and no more");
    more = page->has_more();
    request->page.after = page->next();  // a string, valid in other processes too
  }
}
