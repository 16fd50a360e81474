// A dashboard of syncs in error. A standing query keeps it up to date, so that no change needs a new query.
//
//   dashboard CHANGES...        JSON Lines files of written records; each is one change
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "syncdex/syncdex.h"

int main(int argc, char** argv) {
  std::map<std::string, std::string> board;  // id to name
  syncdex::LiveCatalog syncs;
  const auto in_error = syncdex::QueryBuilder().health_status("error").build();

  const auto show = [&](const syncdex::Delta& delta) {
    std::printf("version %llu:", static_cast<unsigned long long>(delta.version));
    for (const syncdex::Record r : delta.left) {
      board.erase(std::string(r.id()));
      std::printf(" %s recovered.", std::string(r.name()).c_str());
    }
    for (const auto* news : {&delta.entered, &delta.changed}) {
      for (const syncdex::Record r : *news) {
        board[std::string(r.id())] = r.name();
        std::printf(" %s is in error.", std::string(r.name()).c_str());
      }
    }
    std::printf(" %zu in all\n", board.size());
  };
  const syncdex::Subscription watching = syncs.subscribe(*in_error, show);

  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    syncdex::Changes changes;
    changes.upserts.assign(std::istreambuf_iterator<char>(file), {});
    const auto diff = syncs.apply(std::move(changes));
    if (!diff) std::printf("%s: %s\n", argv[i], diff.error().message.c_str());
  }
}
