// A catalog in memory that follows a table of PostgreSQL: the table of postgres_schema() or of
// postgres_shard_schema(), with `changes` set.
//
// Every position is a snapshot of PostgreSQL: which transactions are part of it. At each position that the
// mirror reports, its records are exactly those of the table, in the table's order. In one transaction that
// sees one snapshot, it
//
//   1. asks the log which records were written by transactions that this snapshot has and the last one does
//      not: no number is compared, so transactions that commit late are not lost, and long ones hold nothing
//      up,
//   2. reads the table from the lowest `position` among these records on, so that records which a late
//      transaction puts between others find their place,
//   3. applies all of it as one change, and then takes the snapshot for its position.
//
// A lost connection loses nothing: the next one goes on from the position. So does a mirror that is started
// with the state of an earlier one. If the log does not reach back to the position, or the table was
// truncated, the table is read as a whole. Readers are never without records, and never wait.
//
// Whatever a client has read is in the table for good only if the server commits durably: with
// synchronous_commit off, or after a failover to a standby that lags, start without a state.
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
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
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
    restore();
    while (!stop.stop_requested()) {
      try {
        if (!connection_) connect();
        catch_up();
        wait(stop, true);
      } catch (const std::exception& error) {
        report(error.what());
        connection_.reset();
        wait(stop, false);
      }
    }
    connection_.reset();
    save();
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
    connection_.reset(PQconnectdb(options_.connection.c_str()));
    if (PQstatus(connection_.get()) != CONNECTION_OK)
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    table_ = quoted(options_.table);
    log_ = quoted(options_.table + "_changes");
    ask("SET application_name = 'syncdex_mirror'");
    ask("LISTEN " + table_);  // before the first look, so that nothing goes unnoticed
  }

  // Goes from the position to what the table is now.
  void catch_up() {
    ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const std::string now = *value(ask("SELECT pg_current_snapshot()"), 0, 0);
    std::optional<std::vector<std::string>> changed;
    if (!position_.empty()) changed = changed_ids();
    syncdex::Diff diff = changed ? apply(*std::move(changed)) : read_all();
    ask("COMMIT");
    for (const syncdex::BadRecord& bad : diff.bad) report("a record is left out: " + bad.reason);
    {
      const std::lock_guard lock(mutex_);
      position_ = now;
    }
    if (options_.on_position) options_.on_position(now, diff);
  }

  // The records that differ from those at the position; nothing if that is not known.
  std::optional<std::vector<std::string>> changed_ids() {
    const Answer start =
        ask("SELECT min(transaction) <= pg_snapshot_xmin($1::pg_snapshot) FROM " + log_, position_);
    if (value(start, 0, 0) != "t") return std::nullopt;
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

  syncdex::Diff apply(std::vector<std::string> changed) {
    if (changed.empty()) return {};
    const auto first = value(
        ask("SELECT min(position) FROM " + table_ + " WHERE id = ANY ($1::text[])", array(changed)), 0, 0);
    syncdex::Changes changes;
    if (first) {
      const std::string rows = " FROM " + table_ + " WHERE position >= " + *first;
      const Answer behind = ask("SELECT id" + rows);
      for (int row = 0; row < PQntuples(behind.get()); ++row) changed.push_back(*value(behind, row, 0));
      changes.upserts = copy("SELECT doc" + rows + " ORDER BY position");
    }
    changes.erases = std::move(changed);  // what is also upserted is written anew, at the end of load order
    auto diff = records_.apply(std::move(changes));
    if (!diff) throw std::runtime_error(to_string(diff.error()));
    return *std::move(diff);
  }

  syncdex::Diff read_all() {
    std::string lines = copy("SELECT doc FROM " + table_ + " ORDER BY position");
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
  void save() {
    if (options_.state.empty() || position_.empty()) return;
    const auto written = records_.snapshot().write_ndjson(options_.state);
    if (!written) return report(to_string(written.error()));
    const std::filesystem::path fresh = position_file().string() + ".new";
    if (!(std::ofstream(fresh) << position_ << std::flush)) return report("the position cannot be written");
    std::filesystem::rename(fresh, position_file());
  }

  void restore() {
    if (options_.state.empty() || !position_.empty()) return;
    std::string position;
    if (!std::getline(std::ifstream(position_file()), position) || position.empty()) return;
    syncdex::LoadOptions load = live_options().load;
    load.skip_bad = false;
    const auto records = syncdex::Catalog::load_file(options_.state, load);
    if (!records) return report("the state is not used: " + to_string(records.error()));
    records_.replace_all(*records);
    const std::lock_guard lock(mutex_);
    position_ = std::move(position);
  }

  const Options options_;
  syncdex::LiveCatalog records_;
  Connection connection_;
  std::string table_, log_;  // quoted
  mutable std::mutex mutex_;
  std::string position_;  // written by run() alone
};
