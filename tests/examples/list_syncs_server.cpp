// GET /v1/syncs as a small service on Boost.Beast, from a catalog that follows a file.
//
//   SYNCDEX_TOKEN=secret list_syncs_server syncs.json 8080 [LIMIT]
//   curl --header 'Authorization: Bearer secret' 'http://127.0.0.1:8080/v1/syncs?provider=stripe'
//
// It offers the parameters of the endpoint, ranges of times, and an order. A request without a limit gets
// LIMIT records, 100 if it is not given, all if it is 0.
//
// The file is checked ten times a second, and published as soon as it changes. An answer belongs to the
// version that was current when its request arrived. On SIGTERM and SIGINT, requests that are being answered
// are finished first.
//
// All sockets are asynchronous, and each step has a deadline: a client that sends or reads slowly occupies a
// connection for that long, never a thread. Range requests are answered in full, as RFC 9110 permits.
#include <syncdex/syncdex.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = net::ip::tcp;

constexpr std::uint64_t kMostFileBytes = std::uint64_t{4} << 30;
constexpr std::uint32_t kMostHeaderBytes = 64 << 10;
constexpr std::chrono::seconds kRequestTime{10};  // for a request to arrive; also for an idle connection
constexpr std::chrono::seconds kBlockTime{30};    // for a client to read one block of an answer
constexpr std::size_t kBlockBytes = 256 << 10;
constexpr std::chrono::minutes kAnswerTime{10};  // for a whole answer, which keeps its version in memory
constexpr std::size_t kMostConnections = 4096;   // further clients wait in the listen queue

// Takes the same time for every wrong token of the same length.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

syncdex::LoadOptions load_options() {
  syncdex::LoadOptions options;
  options.limits.input_bytes = kMostFileBytes;
  return options;
}

// Follows a file. Writers should write another file and rename it, so that a partial file is never seen.
class FileWatch {
 public:
  FileWatch(std::filesystem::path path, syncdex::LiveCatalog& live) : path_(std::move(path)), live_(live) {}

  // Publishes the file if it has changed since the last call.
  void poll() {
    struct stat now {};
    if (::stat(path_.c_str(), &now) != 0) return;
    // Two files may be written within one clock tick, so the time alone does not distinguish them.
    const Seen seen{now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
    if (seen == seen_) return;
    try {
      if (static_cast<std::uint64_t>(now.st_size) > kMostFileBytes) {
        seen_ = seen;
        return keep_old("limit_exceeded: the file is larger than 4 GiB");
      }
      std::ifstream file(path_, std::ios::binary);
      text_.resize(static_cast<std::size_t>(now.st_size));
      file.read(text_.data(), now.st_size);
      if (file.gcount() != now.st_size || file.peek() != EOF) return keep_old("it is being written");
      seen_ = seen;  // an error in the text is permanent
      const std::uint64_t before = live_.version();
      const auto diff = live_.reconcile(text_);
      if (!diff) return keep_old(syncdex::to_string(diff.error()));
      if (diff->version == before) return;  // touched, but the same
      std::fprintf(stderr, "version %llu: %zu added, %zu changed, %zu removed\n",
                   static_cast<unsigned long long>(diff->version), diff->added.size(), diff->changed.size(),
                   diff->removed.size());
    } catch (const std::bad_alloc&) {
      keep_old("out of memory");
    }
  }

 private:
  void keep_old(const std::string& why) const {
    std::fprintf(stderr, "%s: %s; the previous version is still served\n", path_.c_str(), why.c_str());
  }

  struct Seen {
    ino_t inode = 0;
    off_t size = 0;
    time_t seconds = 0;
    long nanoseconds = 0;
    bool operator==(const Seen&) const = default;
  };
  std::filesystem::path path_;
  syncdex::LiveCatalog& live_;
  Seen seen_;
  std::string text_;  // its memory serves the next time
};

// A response: its header, and a body that may point into the catalog's bytes.
struct Answer {
  unsigned status = 200;
  std::string fields;  // additional header lines
  std::string text;    // the body, unless there is a listing
  syncdex::Listing listing;
  std::vector<std::string_view> body;
  std::string head;
};

// `limit`: of requests without one; 0: none.
syncdex::RequestOptions request_options(std::uint32_t limit) {
  syncdex::RequestOptions options;
  options.parameters = {"provider", "name",  "health.status", "metadata",     "limit",
                        "after",    "order", "created_at[*]", "updated_at[*]"};
  if (limit > 0) options.default_limit = limit;
  return options;
}

class Service {
 public:
  Service(const syncdex::LiveCatalog& live, std::string_view token, std::uint32_t limit)
      : live_(live), authorization_("Bearer " + std::string(token)), options_(request_options(limit)) {}

  using Request = http::request<http::empty_body>;

  void answer(const Request& request, Answer& out) const {
    const std::string_view target(request.target().data(), request.target().size());
    const std::string_view path = target.substr(0, target.find('?'));
    if (!equal_in_constant_time(field(request, http::field::authorization), authorization_)) {
      out.fields = "WWW-Authenticate: Bearer\r\n";
      return refuse(out, 401, R"({"summary":"a bearer token is required"})");
    }
    if (path != "/v1/syncs") return refuse(out, 404, R"({"summary":"there is nothing here"})");
    if (request.method() != http::verb::get) {
      out.fields = "Allow: GET\r\n";
      return refuse(out, 405, R"({"summary":"only GET is allowed"})");
    }
    // The raw query string: the library decodes it, strictly.
    const std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
    const auto asked = syncdex::parse_request(query, options_);
    if (!asked) return refuse(out, asked.error());

    const syncdex::Catalog catalog = live_.snapshot();
    const std::string tag = catalog.etag(*asked);
    out.fields = "ETag: " + tag + "\r\n";
    if (names(field(request, http::field::if_none_match), tag)) {
      out.status = 304;
      return;
    }
    auto listing = catalog.list(*asked);
    if (!listing) {
      out.fields.clear();
      return refuse(out, listing.error());
    }
    out.listing = *std::move(listing);
    out.body = out.listing.slices();
  }

  static void refuse(Answer& out, int status, std::string json) {
    out.status = static_cast<unsigned>(status);
    out.text = std::move(json);
    out.body = {out.text};
  }

 private:
  static std::string_view field(const Request& request, http::field name) {
    const beast::string_view value = request[name];
    return {value.data(), value.size()};
  }

  static void refuse(Answer& out, const syncdex::Error& error) {
    refuse(out, syncdex::http_status(error), syncdex::to_api_json(error));
  }

  // Whether the list of tags of If-None-Match contains this one (RFC 9110, 13.1.2). Our tags contain no
  // comma.
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

  const syncdex::LiveCatalog& live_;
  const std::string authorization_;
  const syncdex::RequestOptions options_;
};

class Session;

// The open connections, so that a stop can close them.
class Sessions {
 public:
  void add(Session* session) {
    const std::lock_guard lock(mutex_);
    all_.insert(session);
  }
  void remove(Session* session) {
    const std::lock_guard lock(mutex_);
    all_.erase(session);
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  void stop();

 private:
  std::mutex mutex_;
  std::set<Session*> all_;
};

// One connection: reads a request, answers it, and repeats. All its steps run on its strand.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Service& service, Sessions& sessions, const std::atomic<bool>& stopping)
      : stream_(std::move(socket)), service_(service), sessions_(sessions), stopping_(stopping) {
    sessions_.add(this);
  }
  ~Session() { sessions_.remove(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void run() {
    net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read(); });
  }

  // Closes the connection, unless it is answering a request. That request is then its last.
  void stop() {
    net::post(stream_.get_executor(), [self = weak_from_this()] {
      const auto session = self.lock();
      if (session != nullptr && !session->answering_) session->close();
    });
  }

 private:
  void read() {
    if (stopping_) return close();
    answering_ = false;
    parser_.emplace();
    parser_->header_limit(kMostHeaderBytes);
    stream_.expires_after(kRequestTime);  // for the whole request: trickling does not extend it
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code failed, std::size_t) { self->on_read(failed); });
  }

  void on_read(error_code failed) {
    if (failed == http::error::end_of_stream) return close();
    answer_ = {};
    bool keep_alive = false;
    if (failed == http::error::header_limit) {
      Service::refuse(answer_, 431, R"({"summary":"the request is too long"})");
    } else if (failed.category() == http::make_error_code(http::error::bad_version).category()) {
      Service::refuse(answer_, 400, R"({"summary":"this is not a request that is understood here"})");
    } else if (failed) {
      return close();  // the client left, or was too slow
    } else {
      // The answer to HEAD has no body. Our refusals have one, so the connection is closed after HEAD.
      keep_alive = parser_->get().keep_alive() && parser_->get().method() == http::verb::get;
      try {
        service_.answer(parser_->get(), answer_);
      } catch (const std::bad_alloc&) {
        answer_ = {};
        Service::refuse(answer_, 503, R"({"summary":"out of memory"})");
      }
    }
    write(keep_alive && !stopping_);
  }

  void write(bool keep_alive) {
    answering_ = true;
    std::size_t length = 0;
    for (const std::string_view slice : answer_.body) length += slice.size();
    const auto status = static_cast<http::status>(answer_.status);
    answer_.head = "HTTP/1.1 " + std::to_string(answer_.status) + " " +
                   std::string(http::obsolete_reason(status)) + "\r\n" + answer_.fields;
    if (answer_.status != 304) {
      answer_.head += "Content-Type: application/json\r\nContent-Length: " + std::to_string(length) + "\r\n";
    }
    if (parser_->get().method() == http::verb::head) answer_.body.clear();
    answer_.head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    answer_.body.insert(answer_.body.begin(), answer_.head);
    answer_until_ = std::chrono::steady_clock::now() + kAnswerTime;
    write_block(0, keep_alive);
  }

  // Writes about one block of slices, starting at `next`. Each block has its own deadline.
  void write_block(std::size_t next, bool keep_alive) {
    if (next == answer_.body.size()) {
      answer_ = {};
      return keep_alive && !stopping_ ? read() : close();
    }
    block_.clear();
    for (std::size_t bytes = 0; next < answer_.body.size() && bytes < kBlockBytes; ++next) {
      block_.emplace_back(answer_.body[next].data(), answer_.body[next].size());
      bytes += answer_.body[next].size();
    }
    stream_.expires_at(std::min(std::chrono::steady_clock::now() + kBlockTime, answer_until_));
    net::async_write(stream_, block_,
                     [self = shared_from_this(), next, keep_alive](error_code failed, std::size_t) {
                       if (failed) return self->close();
                       self->write_block(next, keep_alive);
                     });
  }

  void close() {
    answering_ = false;
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  Answer answer_;
  std::vector<net::const_buffer> block_;
  std::chrono::steady_clock::time_point answer_until_;
  const Service& service_;
  Sessions& sessions_;
  const std::atomic<bool>& stopping_;
  bool answering_ = false;
};

void Sessions::stop() {
  const std::lock_guard lock(mutex_);
  for (Session* session : all_) session->stop();
}

class Server {
 public:
  Server(net::io_context& io, const Service& service, std::uint16_t port)
      : io_(io),
        acceptor_(net::make_strand(io), {net::ip::make_address("127.0.0.1"), port}),
        service_(service) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void accept() {
    if (sessions_.size() >= kMostConnections) return retry();
    acceptor_.async_accept(net::make_strand(io_), [this](error_code failed, tcp::socket socket) {
      if (stopping_) return;
      if (failed) return retry();  // perhaps too many open files
      try {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::make_shared<Session>(std::move(socket), service_, sessions_, stopping_)->run();
      } catch (const std::bad_alloc&) {
        std::fputs("out of memory: a connection was refused\n", stderr);
      }
      accept();
    });
  }

  void stop() {
    stopping_ = true;
    net::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
    });
    sessions_.stop();
  }
  bool stopping() const { return stopping_; }

 private:
  // Tries again a little later, when some connections may have closed.
  void retry() {
    retry_.expires_after(std::chrono::milliseconds(50));
    retry_.async_wait([this](error_code) {
      if (!stopping_) accept();
    });
  }

  net::io_context& io_;
  tcp::acceptor acceptor_;
  net::steady_timer retry_{acceptor_.get_executor()};
  const Service& service_;
  Sessions sessions_;
  std::atomic<bool> stopping_ = false;
};

// A handler that runs out of memory ends its connection, not the service.
void run(net::io_context& io) {
  for (;;) {
    try {
      io.run();
      return;
    } catch (const std::bad_alloc&) {
      std::fputs("out of memory: a connection was closed\n", stderr);
    }
  }
}

int serve(const char* file, std::uint16_t port, std::string_view token, std::uint32_t limit) {
  net::io_context io;
  // Before anything that takes time, so that a stop during the load is noticed.
  net::signal_set signals(io, SIGINT, SIGTERM);

  auto catalog = syncdex::Catalog::load_file(file, load_options());
  if (!catalog) {
    std::fprintf(stderr, "%s: %s\n", file, syncdex::to_string(catalog.error()).c_str());
    return 1;
  }
  syncdex::LiveOptions options;
  options.load = load_options();
  options.allow_incomplete = true;  // the file is the list, whatever it says of itself
  syncdex::LiveCatalog live(*std::move(catalog), options);
  const Service service(live, token, limit);
  Server server(io, service, port);
  signals.async_wait([&](error_code, int) { server.stop(); });
  server.accept();
  std::printf("http://127.0.0.1:%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);

  const std::jthread watch([&](const std::stop_token& stop) {
    FileWatch file_watch(file, live);
    while (!stop.stop_requested()) {
      file_watch.poll();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(2U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] { run(io); });
  }
  run(io);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const char* const token = std::getenv("SYNCDEX_TOKEN");
  if (argc < 3 || argc > 4 || token == nullptr || *token == '\0') {
    std::fputs("usage: SYNCDEX_TOKEN=... list_syncs_server FILE PORT [LIMIT]\n", stderr);
    return 2;
  }
  try {
    const int limit = argc == 4 ? std::atoi(argv[3]) : 100;
    return serve(argv[1], static_cast<std::uint16_t>(std::atoi(argv[2])), token,
                 static_cast<std::uint32_t>(std::clamp(limit, 0, 1'000)));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "list_syncs_server: %s\n", e.what());
    return 1;
  }
}
