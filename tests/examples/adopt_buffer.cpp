// Loads from memory that the host already has, without copying: a mapped file, or the buffer of a network
// library.
#include <syncdex/syncdex.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

int main() {
  constexpr char kText[] = "{\"id\":\"1\",\"provider\":\"stripe\"}\n{\"id\":\"2\"}\n";
  constexpr std::size_t kLength = sizeof kText - 1;
  // The host's buffer, with readable bytes after the text. The last user of the catalog frees it.
  const auto buffer = std::make_shared<std::vector<char>>(kLength + syncdex::Catalog::padding);
  std::memcpy(buffer->data(), kText, kLength);
  const char* const bytes = buffer->data();
  const auto catalog = syncdex::Catalog::load({bytes, kLength}, buffer);
  if (!catalog) return 1;
  const auto sync = catalog->find_id("1");
  std::printf("%zu records, the first at byte %td of the host's buffer\n", catalog->size(),
              sync->json().data() - bytes);
}
