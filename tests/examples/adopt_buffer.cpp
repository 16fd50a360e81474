// Loading from memory that the host has already, without a copy: a mapped file, a buffer of a network
// library.
#include <syncdex/syncdex.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

int main() {
  constexpr char kText[] = "{\"id\":\"1\",\"provider\":\"stripe\"}\n{\"id\":\"2\"}\n";
  constexpr std::size_t kLength = sizeof kText - 1;
  // The host's buffer, with readable bytes behind the text; the last of the catalog's users frees it.
  const auto buffer = std::make_shared<std::vector<char>>(kLength + syncdex::Catalog::padding);
  std::memcpy(buffer->data(), kText, kLength);
  const char* const bytes = buffer->data();
  const auto catalog = syncdex::Catalog::load({bytes, kLength}, buffer);
  if (!catalog) return 1;
  const auto sync = catalog->find_id("1");
  std::printf("%zu records, the first at byte %td of the host's buffer\n", catalog->size(),
              sync->json().data() - bytes);
}
