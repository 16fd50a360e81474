// GET /v1/syncs as a small service: a catalog that follows a file, behind cpp-httplib.
//
//   SYNCDEX_TOKEN=secret list_syncs_server syncs.json 8080
//   curl --header 'Authorization: Bearer secret' 'http://127.0.0.1:8080/v1/syncs?provider=stripe'
//
// The file is looked at ten times a second, and what is new in it is published at once; an answer is of one
// version, the one that was current when its request came. SIGTERM and SIGINT let requests under way finish.
#include <httplib.h>
#include <syncdex/syncdex.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

// Takes as long for each wrong text of the same length.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

// Follows the file: whoever writes it should write another and rename it, so that it is never seen half.
class FileWatch {
 public:
  FileWatch(std::filesystem::path path, syncdex::LiveCatalog& live) : path_(std::move(path)), live_(live) {}

  void run(const std::atomic<bool>& stop) {
    while (!stop) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      // Another file may have been written in the same tick of the clock, so the time alone does not tell.
      struct stat now {};
      if (::stat(path_.c_str(), &now) != 0) continue;
      const Seen looks{now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
      if (looks == seen_) continue;
      seen_ = looks;
      const auto fresh = syncdex::Catalog::load_file(path_);
      if (!fresh) {
        std::fprintf(stderr, "%s:%llu: %s; what is served stays\n", path_.c_str(),
                     static_cast<unsigned long long>(fresh.error().line), fresh.error().message.c_str());
        continue;
      }
      const syncdex::Diff diff = live_.replace_all(*fresh);
      std::fprintf(stderr, "version %llu: %zu added, %zu changed, %zu removed\n",
                   static_cast<unsigned long long>(diff.version), diff.added.size(), diff.changed.size(),
                   diff.removed.size());
    }
  }

 private:
  struct Seen {  // what tells a file from the one before
    ino_t inode = 0;
    off_t size = 0;
    time_t seconds = 0;
    long nanoseconds = 0;
    bool operator==(const Seen&) const = default;
  };
  std::filesystem::path path_;
  syncdex::LiveCatalog& live_;
  Seen seen_;
};

class Service {
 public:
  Service(const syncdex::LiveCatalog& live, std::string token) : live_(live), token_(std::move(token)) {}

  void list(const httplib::Request& http, httplib::Response& answer) const {
    if (!equal_in_constant_time(http.get_header_value("Authorization"), "Bearer " + token_)) {
      answer.set_header("WWW-Authenticate", "Bearer");
      return refuse(answer, 401, R"({"summary":"a bearer token is required"})");
    }
    // The parameters as they came: decoding is the library's, and it is strict.
    const std::size_t mark = http.target.find('?');
    const std::string parameters = mark == std::string::npos ? "" : http.target.substr(mark + 1);
    const auto request = syncdex::parse_request(parameters);
    if (!request) return refuse(answer, http_status(request.error()), to_api_json(request.error()));

    const syncdex::Catalog catalog = live_.snapshot();
    const std::string tag = entity_tag(catalog.version(), *request);
    if (names(http.get_header_value("If-None-Match"), tag)) {
      answer.set_header("ETag", tag);
      answer.status = 304;
      return;
    }
    auto listing = catalog.list(*request);
    if (!listing) return refuse(answer, http_status(listing.error()), to_api_json(listing.error()));
    answer.set_header("ETag", tag);
    send(answer, *std::move(listing));
  }

 private:
  static void refuse(httplib::Response& answer, int status, const std::string& body) {
    answer.status = status;
    answer.set_content(body, "application/json");
  }

  // Whether one of the listed tags, weak or not, is this one (RFC 9110, 13.1.2). Ours hold no comma.
  static bool names(std::string_view list, std::string_view tag) {
    while (!list.empty()) {
      std::string_view one = list.substr(0, list.find(','));
      list.remove_prefix(std::min(list.size(), one.size() + 1));
      while (one.starts_with(' ')) one.remove_prefix(1);
      while (one.ends_with(' ')) one.remove_suffix(1);
      if (one.starts_with("W/")) one.remove_prefix(2);
      if (one == tag || one == "*") return true;
    }
    return false;
  }

  // Versions begin anew with the process, and so do tags.
  std::string entity_tag(std::uint64_t version, const syncdex::Request& request) const {
    const std::size_t page = std::hash<std::string>()(request.page.after) ^ request.page.limit.value_or(0);
    return "\"" + std::to_string(process_) + "-" + std::to_string(version) + "-" +
           std::to_string(request.query.hash()) + "-" + std::to_string(page) + "\"";
  }

  // The records' bytes go from where they were loaded to the socket's buffer, a block at a time and from any
  // byte on: clients may ask for ranges.
  static void send(httplib::Response& answer, syncdex::Listing listing) {
    struct Body {
      explicit Body(syncdex::Listing l) : listing(std::move(l)), slices(listing.slices()) {
        for (const std::string_view slice : slices) {
          begins.push_back(length);
          length += slice.size();
        }
      }
      syncdex::Listing listing;  // keeps the bytes
      std::vector<std::string_view> slices;
      std::vector<std::size_t> begins;
      std::size_t length = 0;
    };
    const auto body = std::make_shared<const Body>(std::move(listing));
    answer.set_content_provider(
        body->length, "application/json",
        [body](std::size_t from, std::size_t length, httplib::DataSink& sink) {
          const std::size_t most = std::min<std::size_t>(length, 64 << 10);
          std::string block;
          auto i =
              static_cast<std::size_t>(std::ranges::upper_bound(body->begins, from) - body->begins.begin()) -
              1;
          for (; i < body->slices.size() && block.size() < most; ++i) {
            const std::size_t skip = from + block.size() - body->begins[i];
            block += body->slices[i].substr(skip, most - block.size());
          }
          return sink.write(block.data(), block.size());
        });
  }

  const syncdex::LiveCatalog& live_;
  std::string token_;
  std::uint64_t process_ = std::random_device()() | std::uint64_t{std::random_device()()} << 32;
};

}  // namespace

int main(int argc, char** argv) {
  const char* const token = std::getenv("SYNCDEX_TOKEN");
  if (argc != 3 || token == nullptr) {
    std::fputs("usage: SYNCDEX_TOKEN=... list_syncs_server FILE PORT\n", stderr);
    return 2;
  }
  // Before any thread, so that all block these, and one waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto catalog = syncdex::Catalog::load_file(argv[1]);
  if (!catalog) {
    std::fprintf(stderr, "%s: %s\n", argv[1], catalog.error().message.c_str());
    return 1;
  }
  syncdex::LiveCatalog live(*std::move(catalog));
  const Service service(live, token);

  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(32); };  // a connection keeps its thread
  server.set_keep_alive_max_count(1'000'000);
  server.set_tcp_nodelay(true);
  server.Get("/v1/syncs",
             [&](const httplib::Request& http, httplib::Response& answer) { service.list(http, answer); });
  server.set_error_handler([](const httplib::Request&, httplib::Response& answer) {
    if (answer.body.empty()) answer.set_content(R"({"summary":"there is nothing here"})", "application/json");
  });
  int port = std::atoi(argv[2]);
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    port = -1;
  }
  if (port <= 0) {
    std::fputs("the port cannot be had\n", stderr);
    return 1;
  }
  std::printf("http://127.0.0.1:%d\n", port);
  std::fflush(stdout);

  std::atomic<bool> stop = false;
  std::atomic<bool> ended = false;
  std::thread watch([&] { FileWatch(argv[1], live).run(stop); });
  std::thread end([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop = true;
    while (!ended) {  // before it listens, a stop is not heard
      server.stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const bool served = server.listen_after_bind() || stop;
  ended = true;
  if (!stop) pthread_kill(end.native_handle(), SIGTERM);  // it ended by itself
  end.join();
  stop = true;
  watch.join();
  return served ? 0 : 1;
}
