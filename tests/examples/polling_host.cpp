// A host that polls the API. Each answer is the whole list; the host prints what changed in it. Records that
// did not change are not parsed again.
//
//   polling_host ANSWER...      files, each with the answer to one GET /v1/syncs
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "syncdex/syncdex.h"

namespace {

void print(char sign, const syncdex::Matches& records) {
  for (const syncdex::Record record : records) {
    std::printf("  %c %s %s\n", sign, std::string(record.id()).c_str(), std::string(record.name()).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  syncdex::LiveCatalog syncs;
  // The rest of the host queries a snapshot, on other threads, and never waits for a poll.
  const auto active = syncdex::parse_request("status=active");

  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::string answer((std::istreambuf_iterator<char>(file)), {});
    const auto diff = syncs.reconcile(answer);
    if (!diff) {  // the current records stay
      std::printf("poll %d: refused, line %llu: %s\n", i, static_cast<unsigned long long>(diff.error().line),
                  diff.error().message.c_str());
      continue;
    }
    std::printf("poll %d: version %llu, %zu added, %zu changed, %zu removed, %zu unchanged; %zu active\n", i,
                static_cast<unsigned long long>(diff->version), diff->added.size(), diff->changed.size(),
                diff->removed.size(), diff->unchanged.size(), syncs.snapshot().count(active->query));
    print('+', diff->added);
    print('*', diff->changed);
    print('-', diff->removed);
  }
}
