// A catalog in memory that follows a table of PostgreSQL: the table of postgres_schema() or of
// postgres_shard_schema(), with `changes` set.
//
// Every position is a snapshot of PostgreSQL: the set of transactions that are part of it. At each position
// the mirror's records are exactly those of the table, in the table's order. In one transaction, which sees
// one snapshot, the mirror
//
//   1. asks the log which records were written by transactions that this snapshot has and the last one does
//      not have. So it misses no transaction that commits late, and waits for none,
//   2. reads the table from the lowest `position` among these records on, so that a record of a late
//   transaction
//      finds its place between others. All that is read counts as changed in the Diff.
//
// Then it applies all of it as one change, and takes the snapshot as its position.
//
// A lost connection loses nothing: the mirror goes on from its position. So does one that is started with the
// state of an earlier one. It reads the whole table if the log does not reach back to the position, if the
// table was truncated, and if the position is of another server, table or timeline, as after a failover.
// Readers are never without records, and never wait.
//
// The server must commit durably: with synchronous_commit off, it may forget what a mirror has read. A mirror
// needs LISTEN, so no hot standby and no pooler that shares connections between transactions.
#pragma once

#include <libpq-fe.h>
#include <poll.h>
#include <syncdex/syncdex.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <regex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

class PostgresMirror {
 public:
  struct Options {
    std::string connection;                // for libpq: "host=10.0.0.7 dbname=syncs user=app"
    std::string table = "syncs";           // an unquoted identifier
    std::filesystem::path state = {};      // a file for the records, kept for a restart; empty: none is kept
    std::chrono::milliseconds pause{500};  // between attempts to connect, and between looks without a notice
    // Called on the thread of run(), after each position.
    std::function<void(const std::string& position, const syncdex::Diff& diff)> on_position = {};
    std::function<void(std::string_view message)> on_error = {};
  };

  explicit PostgresMirror(Options options) : options_(std::move(options)), records_({}, live_options()) {}

  // The records as they are now. Any thread may query a snapshot of them; it has none before the first
  // position.
  syncdex::Catalog snapshot() const { return records_.snapshot(); }

  // The snapshot of PostgreSQL that the records are; empty before the first.
  std::string position() const {
    const std::lock_guard lock(mutex_);
    return position_;
  }

  // Follows the table until it is asked to stop. Tries again for as long as there is an error.
  void run(const std::stop_token& stop) {
    try_to([&] { restore(); });
    while (!stop.stop_requested()) {
      const bool good = try_to([&] {
        if (!connection_) connect();
        catch_up();
        wait(stop, true);
      });
      if (good) continue;
      connection_.reset();
      wait(stop, false);
    }
    connection_.reset();
    try_to([&] { save(); });
  }

 private:
  struct Free {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* answer) const { PQclear(answer); }
    void operator()(char* text) const { PQfreemem(text); }
  };
  using Connection = std::unique_ptr<PGconn, Free>;
  using Answer = std::unique_ptr<PGresult, Free>;
  using Text = std::unique_ptr<char, Free>;

  // A record that syncdex does not accept is reported and left out; the others go on.
  static syncdex::LiveOptions live_options() {
    syncdex::LiveOptions options;
    options.load.framing = syncdex::Framing::ndjson;
    options.load.skip_bad = true;
    options.load.threads = 0;
    return options;
  }

  template <class Work>
  bool try_to(Work work) const {
    try {
      work();
      return true;
    } catch (const std::exception& error) {
      report(error.what());
      return false;
    }
  }

  void report(std::string_view message) const {
    if (options_.on_error) options_.on_error(message);
  }

  std::string quoted(const std::string& identifier) const {
    const Text text(PQescapeIdentifier(connection_.get(), identifier.data(), identifier.size()));
    return text.get();
  }

  Answer ask(const std::string& sql, std::string_view parameter = {}) {
    const std::string value(parameter);
    const char* const values[] = {value.c_str()};
    Answer answer(PQexecParams(connection_.get(), sql.c_str(), sql.find("$1") != sql.npos, nullptr, values,
                               nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    return answer;
  }

  static std::optional<std::string> value(const Answer& answer, int row, int column) {
    if (PQgetisnull(answer.get(), row, column)) return std::nullopt;
    return std::string(PQgetvalue(answer.get(), row, column),
                       static_cast<std::size_t>(PQgetlength(answer.get(), row, column)));
  }

  void connect() {
    // What comes later in the list counts. A server that is gone, or a lock, is given up after some seconds.
    const std::pair<const char*, const char*> parameters[] = {{"dbname", options_.connection.c_str()},
                                                              {"application_name", "syncdex_mirror"},
                                                              {"client_encoding", "UTF8"},
                                                              {"connect_timeout", "10"},
                                                              {"tcp_user_timeout", "10000"},
                                                              {"keepalives_idle", "10"},
                                                              {nullptr, nullptr}};
    const char* names[std::size(parameters)];
    const char* values[std::size(parameters)];
    for (std::size_t i = 0; i < std::size(parameters); ++i) std::tie(names[i], values[i]) = parameters[i];
    connection_.reset(PQconnectdbParams(names, values, 1));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    table_ = quoted(options_.table);
    log_ = quoted(options_.table + "_changes");
    ask("SET lock_timeout = '3s'");
    const Answer server =
        ask("SELECT format('%s/%s/%s', system_identifier, timeline_id, $1::regclass::oid) FROM "
            "pg_control_system(), "
            "pg_control_checkpoint()",
            table_);
    std::string origin = *value(server, 0, 0);
    if (origin != origin_) take_position({});  // it means nothing there
    origin_ = std::move(origin);
    ask("LISTEN " + table_);  // before the first look, so that nothing goes unnoticed
  }

  void take_position(std::string position) {
    const std::lock_guard lock(mutex_);
    position_ = std::move(position);
  }

  // Goes from the position to what the table is now.
  void catch_up() {
    ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // TRUNCATE shows in snapshots that were taken before it. The lock comes before the snapshot.
    ask("LOCK TABLE " + table_ + " IN ACCESS SHARE MODE");
    std::string now = *value(ask("SELECT pg_current_snapshot()"), 0, 0);
    std::optional<std::vector<std::string>> changed;
    if (!position_.empty()) changed = changed_ids();
    std::optional<syncdex::Changes> changes;
    std::string all;
    if (changed && changed->size() <= 10'000 + records_.snapshot().size() / 4) {
      changes = read_changes(*std::move(changed));
    } else {
      all = copy("SELECT doc FROM " + table_ + " ORDER BY position");
    }
    ask("COMMIT");
    const syncdex::Diff diff = changes ? apply(*std::move(changes)) : replace(std::move(all));
    for (const syncdex::BadRecord& bad : diff.bad) report("a record is left out: " + bad.reason);
    take_position(now);
    if (options_.on_position) options_.on_position(now, diff);
  }

  // The records that differ from those at the position; nothing if that is not known.
  std::optional<std::vector<std::string>> changed_ids() {
    const Answer start =
        ask("SELECT min(transaction) <= pg_snapshot_xmin($1::pg_snapshot) AND "
            "pg_snapshot_xmax($1::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) FROM " +
                log_,
            position_);
    const auto reaches_back = value(start, 0, 0);
    if (!reaches_back) report("the log of changes is empty, so the whole table is read each time");
    if (reaches_back != "t") return std::nullopt;
    const Answer answer = ask("SELECT DISTINCT id FROM " + log_ +
                                  " WHERE transaction >= pg_snapshot_xmin($1::pg_snapshot) AND NOT "
                                  "pg_visible_in_snapshot(transaction, $1::pg_snapshot)",
                              position_);
    std::vector<std::string> ids;
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      auto id = value(answer, row, 0);
      if (!id) return std::nullopt;
      ids.push_back(*std::move(id));
    }
    return ids;
  }

  syncdex::Changes read_changes(std::vector<std::string> changed) {
    syncdex::Changes changes;
    if (changed.empty()) return changes;
    const auto first = value(
        ask("SELECT min(position) FROM " + table_ + " WHERE id = ANY ($1::text[])", array(changed)), 0, 0);
    if (first) {
      const std::string rows = " FROM " + table_ + " WHERE position >= " + *first;
      const Answer behind = ask("SELECT id" + rows);
      for (int row = 0; row < PQntuples(behind.get()); ++row) changed.push_back(*value(behind, row, 0));
      changes.upserts = copy("SELECT doc" + rows + " ORDER BY position");
    }
    changes.erases = std::move(changed);  // what is also upserted is written anew, at the end of load order
    return changes;
  }

  syncdex::Diff apply(syncdex::Changes changes) {
    auto diff = records_.apply(std::move(changes));
    if (!diff) throw std::runtime_error(to_string(diff.error()));
    return *std::move(diff);
  }

  syncdex::Diff replace(std::string lines) {
    if (lines.empty()) return records_.replace_all(syncdex::Catalog());
    auto diff = records_.replace_all(std::move(lines));
    if (!diff) throw std::runtime_error(to_string(diff.error()));
    return *std::move(diff);
  }

  // The rows of a query for one JSON column, as JSON Lines: in this format COPY changes nothing, because JSON
  // texts of PostgreSQL contain neither line feeds nor other control characters.
  std::string copy(const std::string& query) {
    const std::string sql = "COPY (" + query + ") TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')";
    const Answer begun(PQexec(connection_.get(), sql.c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_OUT)
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    std::string lines;
    char* part = nullptr;
    int size = 0;
    while ((size = PQgetCopyData(connection_.get(), &part, 0)) > 0) {
      const Text owner(part);
      lines.append(part, static_cast<std::size_t>(size));
    }
    const Answer ended(PQgetResult(connection_.get()));
    if (size == -2 || PQresultStatus(ended.get()) != PGRES_COMMAND_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    while (Answer rest{PQgetResult(connection_.get())}) {
    }
    return lines;
  }

  // A text of PostgreSQL for an array of texts.
  static std::string array(const std::vector<std::string>& texts) {
    std::string out = "{";
    for (const std::string& text : texts) {
      out += out.size() > 1 ? ",\"" : "\"";
      for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      out += '"';
    }
    return out + '}';
  }

  // Until there is a notice, or `pause` has passed.
  void wait(const std::stop_token& stop, bool connected) {
    const auto end = std::chrono::steady_clock::now() + options_.pause;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
      if (!connected) {
        std::this_thread::sleep_for(std::min(options_.pause, std::chrono::milliseconds(20)));
        continue;
      }
      bool noticed = false;
      while (PGnotify* const notice = PQnotifies(connection_.get())) {
        PQfreemem(notice);
        noticed = true;
      }
      if (noticed) return;
      pollfd ready{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
      ::poll(&ready, 1, 20);
      if (PQconsumeInput(connection_.get()) == 0) throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
  }

  std::filesystem::path position_file() const { return options_.state.string() + ".position"; }

  // Records that are newer than the position do no harm: their changes are applied once more.
  void save() const {
    if (options_.state.empty() || position_.empty()) return;
    const auto written = records_.snapshot().write_ndjson(options_.state);
    if (!written) return report(to_string(written.error()));
    const std::filesystem::path fresh = position_file().string() + ".new";
    std::error_code error;
    if (std::ofstream(fresh) << origin_ << '\n' << position_ << '\n' << std::flush) {
      std::filesystem::rename(fresh, position_file(), error);
      if (!error) return;
    }
    report("the position cannot be written");
  }

  void restore() {
    if (options_.state.empty() || !position_.empty()) return;
    std::ifstream file(position_file());
    std::string origin;
    std::string position;
    if (!std::getline(file, origin) || !std::getline(file, position)) return;
    static const std::regex kSnapshot("[0-9]{1,19}:[0-9]{1,19}:[0-9,]*");
    if (!std::regex_match(position, kSnapshot)) return report("the state is not used: it has no position");
    syncdex::LoadOptions load = live_options().load;
    load.skip_bad = false;
    const auto records = syncdex::Catalog::load_file(options_.state, load);
    if (!records) return report("the state is not used: " + to_string(records.error()));
    records_.replace_all(*records);
    origin_ = std::move(origin);
    take_position(std::move(position));
  }

  const Options options_;
  syncdex::LiveCatalog records_;
  Connection connection_;
  std::string table_, log_;  // quoted
  std::string origin_;       // the server and the table that the position is of
  mutable std::mutex mutex_;
  std::string position_;  // written by run() alone
};
