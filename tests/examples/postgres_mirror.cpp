// Answers requests from memory, from a table of PostgreSQL that others write to.
//
//   echo 'provider=stripe&limit=2' | postgres_mirror 'host=10.0.0.7 dbname=syncs user=app' [STATE]
//
// Each line of its input is the query string of one GET /v1/syncs; each line of its output is the answer.
// With a file for its STATE, it goes on where it was when it is started again.
#include "postgres_mirror.h"

#include <csignal>
#include <cstdio>
#include <iostream>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: postgres_mirror CONNECTION [STATE]\n", stderr);
    return 2;
  }
  PostgresMirror mirror({
      .connection = argv[1],
      .state = argc > 2 ? argv[2] : "",
      .on_error = [](std::string_view message) { std::cerr << "postgres_mirror: " << message << '\n'; },
  });
  // A signal ends the reading of requests, and then the mirror, which keeps its state.
  struct sigaction end {};
  end.sa_handler = [](int) {};
  ::sigaction(SIGTERM, &end, nullptr);
  ::sigaction(SIGINT, &end, nullptr);

  const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
  while (mirror.position().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  syncdex::RequestOptions options;
  options.default_limit = 100;
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    const auto request = syncdex::parse_request(line, options);
    const auto page =
        request.and_then([&](const syncdex::Request& asked) { return mirror.snapshot().list(asked); });
    if (page) {
      page->append_json_to(answer);
    } else {
      answer = to_string(page.error());
    }
    std::cout << answer << std::endl;
  }
}
