// Uses syncdex from a static destructor that runs after syncdex's own statics would be destroyed (threat
// T31).
#include <syncdex/syncdex.h>

#include <cstdio>

namespace {

struct Service {
  ~Service() {
    const auto catalog = syncdex::Catalog::load(R"({"id":"1","provider":"a"})");
    const syncdex::Query moved;
    std::printf("%zu %zu %s\n", catalog->facets().provider.size(), syncdex::Catalog().find(moved).size(),
                std::error_code(syncdex::ErrorCode::io_error).message().c_str());
  }
} service;  // constructed before the library is first used

}  // namespace

int main() {
  std::printf("%zu\n", syncdex::Catalog().find(syncdex::Query()).size());
  return std::error_code(syncdex::ErrorCode::io_error).message().empty();
}
