// What a service answers to an invalid request.
#include <syncdex/syncdex.h>

#include <cstdio>

int main() {
  for (const char* asked :
       {"provder=stripe", "limit=0", "provider=a&provider=b", "metadata=%7B%22a%22%3A", "a=%zz"}) {
    const auto request = syncdex::parse_request(asked);
    if (request) return 1;
    std::printf("%d %s\n", http_status(request.error()), to_api_json(request.error()).c_str());
  }
  // Programs branch on error codes, which convert to std::error_code.
  const auto catalog = syncdex::Catalog::load_file("/no/such/file");
  const std::error_code code = catalog.error().code;
  std::puts(code == std::errc::io_error ? "an input or output error" : "something else");
}
