// A minimal host. Each of the projects in this folder builds it.
#include <syncdex/syncdex.h>

#include <cstdio>

int main() {
  const auto catalog = syncdex::Catalog::load(R"({"data":[{"id":"1","provider":"stripe"},{"id":"2"}]})");
  const auto request = syncdex::parse_request("provider=stripe");
  if (!catalog || !request) return 1;
  std::puts(catalog->find(request->query).json().c_str());
}
