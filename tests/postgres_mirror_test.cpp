// The mirror of the cookbook: its records are those of the table at every position, while several clients
// write, some hold their transactions open, and its connection is ended again and again.
#include "examples/postgres_mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "support/postgres_fixture.h"

namespace syncdex {
namespace {

using test::Answer;
using test::ids;
using test::server;
using test::size_of;
using testing::ElementsAre;
using testing::IsEmpty;

using Steady = std::chrono::steady_clock;

// A transaction's number, and a snapshot of which ones are seen, written from PostgreSQL's documentation.
using Transaction = std::uint64_t;
struct Seen {
  explicit Seen(const std::string& text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&] {
      Transaction n = 0;
      at = std::from_chars(at, end, n).ptr;
      if (at != end) ++at;
      return n;
    };
    lowest = number();
    behind = number();
    while (at != end) running.insert(number());
  }
  bool has(Transaction t) const { return t < lowest || (t < behind && !running.contains(t)); }

  Transaction lowest = 0;
  Transaction behind = 0;
  std::set<Transaction> running;
};

// One line for each record, in order.
std::string lines_of(const Catalog& catalog) {
  std::string out;
  for (const Record record : catalog.find(Query())) out.append(record.json()).append("\n");
  return out;
}

std::string table() {
  std::string out;
  for (const std::string& doc : server().run("SELECT doc FROM syncs ORDER BY position").column(0))
    out += doc + '\n';
  return out;
}

class PostgresMirrors : public testing::Test {
 protected:
  PostgresMirrors() {
    const Answer made = server().run(
        "DROP TABLE IF EXISTS syncs, syncs_changes CASCADE; "
        "DROP FUNCTION IF EXISTS syncs_change; " +
        postgres_schema({.changes = true}));
    EXPECT_TRUE(made.good()) << made.error();
    std::filesystem::create_directories(state_.parent_path());
  }
  ~PostgresMirrors() override {
    std::filesystem::remove_all(state_.parent_path());
    server().run("DROP TABLE syncs, syncs_changes; DROP FUNCTION syncs_change, syncs_move");
  }

  // Where a mirror may keep its state.
  const std::filesystem::path state_ =
      std::filesystem::temp_directory_path() / ("mirror-" + std::to_string(::getpid())) / "syncs.ndjson";

  static PostgresMirror::Options options() {
    return {.connection = server().connection_text(), .pause = std::chrono::milliseconds(200)};
  }

  static void put(const std::string& record) {
    const Answer answer = server().run(postgres_upsert(), {record});
    ASSERT_TRUE(answer.good()) << answer.error();
  }

  // Waits until the mirror has what the table has.
  static void require_same(const PostgresMirror& mirror) {
    const auto end = Steady::now() + std::chrono::seconds(30);
    const std::string wanted = table();
    while (lines_of(mirror.snapshot()) != wanted && Steady::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ASSERT_EQ(lines_of(mirror.snapshot()), wanted);
  }
};

TEST_F(PostgresMirrors, FollowEachKindOfChange) {
  put(R"({"id":"1","name":"back\\slash \"quote\" , \u0001 \n é"})");
  put(R"({"id":"2","metadata":{"a":1}})");
  put(R"({"id":"3"})");
  std::mutex mutex;
  std::vector<std::string> errors;
  PostgresMirror::Options o = options();
  o.on_error = [&](std::string_view message) {
    const std::lock_guard lock(mutex);
    errors.emplace_back(message);
  };
  PostgresMirror mirror(o);
  const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
  require_same(mirror);
  EXPECT_EQ(mirror.snapshot().size(), 3u);
  const auto run = [&](const std::string& sql) {
    const Answer done = server().run(sql);
    ASSERT_TRUE(done.good()) << done.error();
    require_same(mirror);
  };
  run(R"(UPDATE syncs SET doc = doc || '{"status":"paused"}' WHERE id = '1')");   // keeps its position
  run(R"(UPDATE syncs SET doc = jsonb_set(doc, '{id}', '"9"') WHERE id = '2')");  // another id
  run("DELETE FROM syncs WHERE id = '3'");
  put(R"({"id":"9","metadata":{"a":1}})");  // the same again: it moves
  require_same(mirror);
  put(R"({"id":"1","name":"x"})");
  require_same(mirror);
  EXPECT_THAT(ids(mirror.snapshot().find(Query())), ElementsAre("9", "1"));
  run("TRUNCATE syncs");
  put(R"({"id":"{\"odd\\,id}"})");
  put(R"({"id":"2"})");
  require_same(mirror);
  run("DELETE FROM syncs WHERE id <> '2'");
  {
    const std::lock_guard lock(mutex);
    EXPECT_THAT(errors, IsEmpty());
  }
  // What syncdex does not accept is left out, reported, and does not keep the rest from coming.
  put(R"({"id":"bad","provider":7})");
  put(R"({"id":"4"})");
  const auto end = Steady::now() + std::chrono::seconds(30);
  const auto has_4 = [&] {
    const Catalog now = mirror.snapshot();
    return now.find_id("4").has_value();
  };
  while (!has_4() && Steady::now() < end) std::this_thread::yield();
  EXPECT_THAT(ids(mirror.snapshot().find(Query())), ElementsAre("2", "4"));
  const std::lock_guard lock(mutex);
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(errors[0], testing::HasSubstr("left out"));
}

// By the notice, not by looking from time to time.
TEST_F(PostgresMirrors, AreToldOfChanges) {
  PostgresMirror::Options o = options();
  o.pause = std::chrono::hours(1);
  PostgresMirror mirror(o);
  const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
  require_same(mirror);
  for (int i = 0; i < 5; ++i) {
    put("{\"id\":\"" + std::to_string(i) + "\"}");
    require_same(mirror);
  }
}

// A transaction that is open while the log is cut keeps its rows, which are older than what was cut.
TEST_F(PostgresMirrors, DoNotTrustALogThatWasCutBehindAnOpenTransaction) {
  PostgresMirror::Options o = options();
  o.state = state_;
  const auto follow = [&] {
    PostgresMirror mirror(o);
    const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
    require_same(mirror);
  };
  put(R"({"id":"a"})");
  const std::unique_ptr<PGconn, decltype(&PQfinish)> open(PQconnectdb(server().connection_text().c_str()),
                                                          &PQfinish);
  const auto run = [&](const char* sql) { ASSERT_TRUE(Answer(PQexec(open.get(), sql)).good()) << sql; };
  run("BEGIN");
  run(R"(INSERT INTO syncs (doc) VALUES ('{"id":"long"}'))");
  follow();
  put(R"({"id":"b"})");
  ASSERT_TRUE(server().run("DELETE FROM syncs WHERE id = 'a'").good());
  put(R"({"id":"c"})");
  ASSERT_TRUE(server().run(postgres_prune({.table = "syncs"}), {"0 s"}).good());
  run("COMMIT");
  follow();
}

TEST_F(PostgresMirrors, StopWhileTheTableIsLocked) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(server().connection_text().c_str()),
                                                           &PQfinish);
  ASSERT_TRUE(Answer(PQexec(other.get(), "BEGIN; LOCK TABLE syncs")).good());
  PostgresMirror mirror(options());
  const auto begin = Steady::now();
  {
    const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_LT(Steady::now() - begin, std::chrono::seconds(20));
}

// Writers may have no right to the log, another search path, and another encoding.
TEST_F(PostgresMirrors, FollowWritersOfEveryKind) {
  const Answer made = server().run(
      "CREATE ROLE writer LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON syncs TO writer; "
      "ALTER ROLE writer SET search_path = pg_catalog; ALTER ROLE test SET client_encoding = 'LATIN1'");
  ASSERT_TRUE(made.good()) << made.error();
  PostgresMirror mirror(options());
  const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
  const std::unique_ptr<PGconn, decltype(&PQfinish)> writer(
      PQconnectdb(("host=" + server().host() + " user=writer dbname=postgres").c_str()), &PQfinish);
  for (const char* sql :
       {R"(INSERT INTO public.syncs (doc) VALUES ('{"id":"1","name":"caf\u00e9 \u6771"}'), ('{"id":"2"}'))",
        R"(UPDATE public.syncs SET doc = doc || '{"status":"x"}' WHERE id = '1')",
        "DELETE FROM public.syncs WHERE id = '2'"}) {
    const Answer done(PQexec(writer.get(), sql));
    EXPECT_TRUE(done.good()) << done.error() << sql;
    require_same(mirror);
  }
  EXPECT_EQ(mirror.snapshot().size(), 1u);
  EXPECT_TRUE(
      server().run("ALTER ROLE test RESET client_encoding; DROP OWNED BY writer; DROP ROLE writer").good());
}

TEST_F(PostgresMirrors, AnswerRequestsFromMemory) {
  put(R"({"id":"1","provider":"stripe"})");
  put(R"({"id":"2","provider":"a"})");
  put(R"({"id":"3","provider":"stripe"})");
  const std::string command = "printf 'provider=stripe&limit=1\\nprovder=a\\n' | " SYNCDEX_POSTGRES_MIRROR
                              " '" +
                              server().connection_text() + "'";
  std::FILE* const program = ::popen(command.c_str(), "r");
  ASSERT_NE(program, nullptr);
  std::string out;
  for (int c = 0; (c = std::fgetc(program)) != EOF;) out += static_cast<char>(c);
  EXPECT_EQ(::pclose(program), 0);
  EXPECT_THAT(out,
              testing::MatchesRegex(R"(\{"data":\[\{"id": "1", "provider": "stripe"\}\],"has_more":true,.*
unknown_parameter: provder.*did you mean provider.*
)"));
}

// Between positions, transactions end in another order than they began or took their place.
TEST_F(PostgresMirrors, LoseNothingThatCommitsLate) {
  PostgresMirror mirror(options());
  const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
  const std::unique_ptr<PGconn, decltype(&PQfinish)> late(PQconnectdb(server().connection_text().c_str()),
                                                          &PQfinish);
  const auto run = [&](const char* sql) { ASSERT_TRUE(Answer(PQexec(late.get(), sql)).good()) << sql; };
  run("BEGIN");
  run(R"(INSERT INTO syncs (doc) VALUES ('{"id":"late"}'))");
  put(R"({"id":"early"})");
  put(R"({"id":"next"})");
  require_same(mirror);  // does not wait for it
  EXPECT_THAT(ids(mirror.snapshot().find(Query())), ElementsAre("early", "next"));
  run("COMMIT");
  require_same(mirror);
  EXPECT_THAT(ids(mirror.snapshot().find(Query())), ElementsAre("late", "early", "next"));  // as in the table
}

TEST_F(PostgresMirrors, GoOnWhereTheyWere) {
  PostgresMirror::Options o = options();
  o.state = state_;
  std::vector<std::size_t> read;  // records per position that has some
  int read_all = 0;
  o.on_position = [&](const std::string&, const Diff& diff) {
    read_all += diff.unchanged.size() > 20;
    if (const std::size_t n = diff.added.size() + diff.changed.size() + diff.removed.size())
      read.push_back(n);
  };
  const auto follow = [&] {
    PostgresMirror mirror(o);
    {
      const std::jthread follower([&](const std::stop_token& stop) { mirror.run(stop); });
      require_same(mirror);
    }
    return std::exchange(read, {});
  };
  for (int i = 0; i < 50; ++i) put("{\"id\":\"" + std::to_string(i) + "\"}");
  EXPECT_THAT(follow(), ElementsAre(50));
  EXPECT_THAT(follow(), IsEmpty());
  put(R"({"id":"7","name":"x"})");
  ASSERT_TRUE(server().run("DELETE FROM syncs WHERE id IN ('8', '9')").good());
  EXPECT_THAT(follow(), ElementsAre(3));
  EXPECT_THAT(follow(), IsEmpty());
  // A log that was cut after the position: the table is read again.
  const auto prune = [](const char* interval) {
    const Answer done = server().run(postgres_prune({.table = "syncs"}), {interval});
    ASSERT_TRUE(done.good()) << done.error();
  };
  put(R"({"id":"10","name":"y"})");
  put(R"({"id":"11","name":"y"})");
  prune("1 day");
  EXPECT_THAT(follow(), ElementsAre(2));
  put(R"({"id":"10","name":"x"})");
  put(R"({"id":"11","name":"x"})");
  ASSERT_TRUE(server().run("SELECT pg_sleep(0.001)").good());
  prune("0 s");
  EXPECT_THAT(server().run("SELECT count(*) FROM syncs_changes").column(0), ElementsAre("1"));
  read_all = 0;
  follow();
  EXPECT_EQ(read_all, 1);
  // Before the position, it may be cut.
  put(R"({"id":"12","name":"z"})");
  prune("0 s");
  put(R"({"id":"12","name":"y"})");
  follow();
  put(R"({"id":"12","name":"x"})");
  EXPECT_THAT(follow(), ElementsAre(1));
  // A position of another server, of the future, or none: the table is read again.
  const auto rewrite = [&](const std::string& origin, const std::string& position) {
    std::ifstream in(o.state.string() + ".position");
    std::string first;
    std::string second;
    std::getline(in, first);
    std::getline(in, second);
    std::ofstream(o.state.string() + ".position") << (origin.empty() ? first : origin) << '\n'
                                                  << (position.empty() ? second : position) << '\n';
  };
  for (const auto& [origin, position] :
       {std::pair{"1/1/1", ""}, {"", "99999999:99999999:"}, {"", "1:2"}, {"", "x"}, {"", "1:1:"}}) {
    rewrite(origin, position);
    ASSERT_TRUE(server().run("DELETE FROM syncs WHERE id = '13'").good());
    put(R"({"id":"13"})");
    follow();
  }
  // A state that cannot be read is not used.
  std::ofstream(o.state) << "{";
  EXPECT_THAT(follow(), ElementsAre(48));
}

TEST_F(PostgresMirrors, EqualTheTableAtEveryPosition) {
  const int changes = static_cast<int>(size_of("SYNCDEX_MIRROR_CHANGES", 20'000));
  constexpr int kWriters = 4;
  constexpr int kIds = 600;
  // What the table was at any time, kept by another trigger.
  const Answer made = server().run(R"(
      CREATE TABLE history (step bigserial, transaction xid8 DEFAULT pg_current_xact_id(), id text, position bigint, doc jsonb);
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN INSERT INTO history (id) VALUES (OLD.id);
        ELSE INSERT INTO history (id, position, doc) VALUES (NEW.id, NEW.position, NEW.doc); END IF;
        RETURN NULL; END $$;
      CREATE TRIGGER history AFTER INSERT OR UPDATE OR DELETE ON syncs FOR EACH ROW EXECUTE FUNCTION keep())");
  ASSERT_TRUE(made.good()) << made.error();
  for (int i = 0; i < kIds / 2; ++i) put("{\"id\":\"" + std::to_string(i) + "\"}");

  struct Position {
    std::string snapshot;
    std::size_t hash;
  };
  std::vector<Position> positions;
  std::atomic<int> errors = 0;
  std::atomic<int> done = 0;
  std::unique_ptr<PostgresMirror> mirror;
  const auto begin = [&](bool state) {
    PostgresMirror::Options o = options();
    o.pause = std::chrono::milliseconds(50);
    if (state) o.state = state_;
    o.on_error = [&](std::string_view) { ++errors; };
    o.on_position = [&](const std::string& snapshot, const Diff&) {
      positions.push_back({snapshot, std::hash<std::string>()(lines_of(mirror->snapshot()))});
    };
    mirror = std::make_unique<PostgresMirror>(std::move(o));
    return std::jthread([&](const std::stop_token& stop) { mirror->run(stop); });
  };
  std::jthread follower = begin(true);

  std::vector<std::jthread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      const std::unique_ptr<PGconn, decltype(&PQfinish)> own(PQconnectdb(server().connection_text().c_str()),
                                                             &PQfinish);
      std::mt19937 random(static_cast<unsigned>(w));
      const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
      // Returns how many rows it changed.
      const auto run = [&](const std::string& sql, const std::string& parameter = {}) {
        const char* const values[] = {parameter.c_str()};
        const std::unique_ptr<PGresult, decltype(&PQclear)> answer(
            PQexecParams(own.get(), sql.c_str(), sql.find("$1") != sql.npos, nullptr, values, nullptr,
                         nullptr, 0),
            &PQclear);
        EXPECT_EQ(PQresultStatus(answer.get()), PGRES_COMMAND_OK) << PQerrorMessage(own.get());
        return std::atoi(PQcmdTuples(answer.get()));
      };
      for (int committed = 0; committed < changes / kWriters;) {
        const int count = 1 + below(5);
        std::set<int> which;  // sorted, so that writers do not wait for each other in a circle
        for (int i = 0; i < count; ++i) which.insert(below(kIds));
        run("BEGIN");
        const bool held = below(50) == 0;
        int changed = 0;
        for (const int id : which) {
          const std::string key = std::to_string(id);
          if (const int kind = below(10); kind < 7) {
            changed += run(postgres_upsert(),
                           R"({"id":")" + key + R"(","metadata":{"n":)" + std::to_string(below(3)) + "}}");
          } else if (kind < 9) {
            changed += run("DELETE FROM syncs WHERE id = $1", key);
          } else {
            changed += run(R"(UPDATE syncs SET doc = doc || '{"status":"paused"}' WHERE id = $1)", key);
          }
          if (held) std::this_thread::sleep_for(std::chrono::milliseconds(5 + below(40)));
        }
        const bool kept = below(10) != 0;
        run(kept ? "COMMIT" : "ROLLBACK");
        if (kept) {
          committed += changed;
          done += changed;
        }
      }
    });
  }
  int ended = 0;
  for (int part = 1; part <= 12; ++part) {
    while (done < changes * part / 13) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (part == 4 || part == 8) {  // a restart, with its state and without
      follower.request_stop();
      follower.join();
      follower = begin(part == 4);
      continue;
    }
    // Also while it catches up or connects: until there was a connection to end.
    std::size_t killed = 0;
    while (killed == 0) {
      killed = server()
                   .run(
                       "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                       "'syncdex_mirror'")
                   .column(0)
                   .size();
    }
    ++ended;
  }
  writers.clear();
  require_same(*mirror);
  follower.request_stop();
  follower.join();

  struct Step {
    Transaction transaction;
    std::string id, position, doc;
  };
  std::vector<Step> steps;
  const Answer history = server().run("SELECT transaction, id, position, doc FROM history ORDER BY step");
  const std::vector<std::string> transactions = history.column(0), step_ids = history.column(1),
                                 places = history.column(2), docs = history.column(3);
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    steps.push_back({std::stoull(transactions[i]), step_ids[i], places[i], docs[i]});
  }
  std::map<std::string, std::pair<std::size_t, const Step*>> records;  // by id: the step it is from
  std::vector<std::size_t> left(steps.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  std::size_t wrong = 0;
  for (const Position& position : positions) {
    const Seen seen(position.snapshot);
    std::erase_if(left, [&](std::size_t i) {
      if (!seen.has(steps[i].transaction)) return false;
      auto& [step, record] = records[steps[i].id];
      if (record == nullptr || step < i) {
        step = i;
        record = &steps[i];
      }
      return true;
    });
    std::map<std::uint64_t, const Step*> sorted;
    for (const auto& [id, record] : records) {
      if (!record.second->doc.empty()) sorted[std::stoull(record.second->position)] = record.second;
    }
    std::string lines;
    for (const auto& [place, step] : sorted) lines += step->doc + '\n';
    wrong += std::hash<std::string>()(lines) != position.hash;
  }
  EXPECT_EQ(wrong, 0u) << "of " << positions.size();
  EXPECT_GT(positions.size(), 100u);
  EXPECT_EQ(ended, 10);
  EXPECT_GE(errors, 5);
  EXPECT_TRUE(server().run("DROP TABLE history CASCADE; DROP FUNCTION keep CASCADE").good());
  std::printf("postgres: a mirror, %zu changes by %d writers, equal at %zu positions, %d connections ended\n",
              steps.size(), kWriters, positions.size(), ended);
}

}  // namespace
}  // namespace syncdex
