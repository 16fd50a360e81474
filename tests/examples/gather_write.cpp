// Writes an answer without assembling it: slices of the loaded bytes, for writev() and similar calls.
#include <syncdex/syncdex.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <vector>

int main(int, char** argv) {
  const auto catalog = syncdex::Catalog::load_file(argv[1]);
  const auto request = syncdex::parse_request("provider=stripe&limit=2");
  if (!catalog || !request) return 1;
  const auto listing = catalog->list(*request);
  if (!listing) return 1;
  std::vector<iovec> pieces;
  for (const std::string_view slice : listing->slices()) {
    pieces.push_back({const_cast<char*>(slice.data()), slice.size()});
  }
  // A socket may accept fewer bytes at a time. A file or a pipe, as here, accepts all.
  for (std::size_t at = 0; at < pieces.size(); at += IOV_MAX) {
    const auto count = static_cast<int>(std::min<std::size_t>(IOV_MAX, pieces.size() - at));
    if (::writev(STDOUT_FILENO, &pieces[at], count) < 0) return 1;
  }
}
