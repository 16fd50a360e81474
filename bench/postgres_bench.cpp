// The same questions to one PostgreSQL server, to four that share the records, and to a mirror in memory, in
// one run. Servers are on sockets of this machine, so the network of a real cluster comes on top, and the
// four share its processors.
//
//   syncdex_postgres_bench [RECORDS]        100 000 if it is not given
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dataset.h"
#include "examples/postgres_mirror.h"
#include "support/postgres_cluster.h"
#include "support/postgres_server.h"
#include "syncdex/syncdex.h"

namespace {

using namespace syncdex;
using Clock = std::chrono::steady_clock;

void require(const test::Answer& answer) {
  if (answer.good()) return;
  std::fprintf(stderr, "postgres_bench: %s\n", answer.error().c_str());
  std::exit(1);
}

double seconds(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The median of several runs, in microseconds. Short ones are repeated within a run.
double micros(const std::function<std::size_t()>& question, std::size_t expected) {
  std::size_t got = question();
  const int repeats =
      std::clamp(static_cast<int>(0.02 / std::max(1e-7, seconds([&] { got = question(); }))), 1, 2'000);
  std::vector<double> runs;
  for (int i = 0; i < 9; ++i) {
    runs.push_back(seconds([&] {
                     for (int r = 0; r < repeats; ++r) got = question();
                   }) /
                   repeats);
  }
  if (got != expected) {
    std::fprintf(stderr, "postgres_bench: %zu records instead of %zu\n", got, expected);
    std::exit(1);
  }
  std::ranges::nth_element(runs, runs.begin() + 4);
  return runs[4] * 1e6;
}

// A line of /proc/self/status, in MB.
double status(std::string_view name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return std::strtod(line.c_str() + name.size(), nullptr) * 1024 / 1e6;
  }
  return 0;
}

void fill(const bench::Dataset& dataset, std::size_t n,
          const std::function<test::Answer(const std::string&)>& insert) {
  std::string array;
  for (std::size_t i = 0; i < n; ++i) {
    array += array.empty() ? '[' : ',';
    dataset.append_record(i, array);
    if (array.size() < (8U << 20) && i + 1 < n) continue;
    require(insert(array + ']'));
    array.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
  const bench::Dataset dataset(1);
  const PostgresOptions single{.table = "syncs", .changes = true};

  test::PostgresServer server;
  test::PostgresCluster cluster;
  require(server.run(postgres_schema(single)));
  if (const std::string error = cluster.create(); !error.empty()) {
    std::fprintf(stderr, "postgres_bench: %s\n", error.c_str());
    return 1;
  }
  const double one_fill = seconds([&] {
    fill(dataset, n, [&](const std::string& array) {
      return server.run("INSERT INTO syncs (doc) SELECT value FROM jsonb_array_elements($1::jsonb)", {array});
    });
  });
  const double four_fill =
      seconds([&] { fill(dataset, n, [&](const std::string& array) { return cluster.fill(array); }); });
  require(server.run("VACUUM ANALYZE syncs"));
  for (std::size_t i = 0; i < test::PostgresCluster::kShards; ++i)
    require(cluster.shard(i).run("VACUUM ANALYZE syncs"));
  require(cluster.coordinator().run("ANALYZE syncs"));

  PostgresMirror mirror({.connection = server.connection_text()});
  const auto next_position = [&](const std::string& last) {
    while (mirror.position() == last) std::this_thread::sleep_for(std::chrono::microseconds(50));
  };
  // The highest memory of the process while something is done, less what it was before.
  const auto peak = [](const std::function<void()>& work) {
    std::ofstream("/proc/self/clear_refs") << "5";
    const double before = status("VmRSS:");
    work();
    return status("VmHWM:") - before;
  };
  double mirror_fill = 0;
  std::optional<std::jthread> follower;
  const double peak_read = peak([&] {
    mirror_fill = seconds([&] {
      follower.emplace([&](const std::stop_token& stop) { mirror.run(stop); });
      next_position("");
    });
  });
  const double peak_again = peak([&] {
    const std::string last = mirror.position();
    require(server.run("INSERT INTO syncs_changes (id) VALUES (NULL)"));  // as after TRUNCATE
    next_position(last);
  });

  const Catalog catalog = mirror.snapshot();
  std::string org;
  {
    const Matches all = catalog.find(Query());
    org = *all[0].text("org_id");
  }
  const struct {
    const char* name;
    std::string request;
    bool count;
  } questions[] = {
      {"count, provider (24 %)", "provider=stripe", true},
      {"count, a metadata term", "metadata={\"custom_property\":42}", true},
      {"page of 50, newest errors", "health.status=error&order=-created_at&limit=50", false},
      {"page of 50, newest of an organisation", "org_id=" + org + "&order=-created_at&limit=50", false},
      {"documents, a metadata term", "metadata={\"custom_property\":42}", false},
      {"documents, created in a month", "created_at[gte]=2023-06-01&created_at[lt]=2023-07-01", false},
  };
  std::printf("%zu records; filled in %.1f s, %.1f s, %.1f s\n\n", n, one_fill, four_fill, mirror_fill);
  std::printf("%-40s %8s %14s %14s %14s\n", "us, medians", "records", "one server", "four shards", "mirror");
  for (const auto& q : questions) {
    const Request request = *parse_request(q.request);
    const auto ask = [&](test::PostgresServer& at, const PostgresOptions& how) {
      const PostgresQuery statement = *to_postgres(request, how);
      const std::string sql =
          q.count ? "SELECT count(*) FROM (" + statement.sql + ") AS matches" : statement.sql;
      const test::Answer answer = at.run(sql, statement.parameters);
      require(answer);
      return q.count ? std::strtoul(answer.column(0)[0].c_str(), nullptr, 10) : answer.column(1).size();
    };
    std::string body;
    const auto in_memory = [&]() -> std::size_t {
      const Catalog now = mirror.snapshot();
      if (q.count) return now.count(request.query);
      const auto listing = now.list(request);
      body.clear();
      listing->append_json_to(body);
      return listing->matches().size();
    };
    const std::size_t expected = in_memory();
    const double one = micros([&] { return ask(server, single); }, expected);
    const double four = micros([&] { return ask(cluster.coordinator(), cluster.options()); }, expected);
    std::printf("%-40s %8zu %14.0f %14.0f %14.2f\n", q.name, expected, one, four,
                micros(in_memory, expected));
  }

  std::printf(
      "\ndisk of one server: %.2f kB a record\n",
      std::strtod(server.run("SELECT pg_total_relation_size('syncs')").column(0)[0].c_str(), nullptr) / 1e3 /
          static_cast<double>(n));
  // What the log of changes costs a writer.
  const PostgresOptions plain{.table = "plain"};
  require(server.run(postgres_schema(plain)));
  std::size_t written = 0;
  const auto upsert = [&](const PostgresOptions& table) {
    return micros(
        [&] {
          std::string record;
          dataset.append_record(written++ % 1'000, record);
          require(server.run(postgres_upsert(table), {record}));
          return std::size_t{1};
        },
        1);
  };
  const double without = upsert(plain);
  std::printf("an upsert takes %.0f us, %.0f us with the log of changes and the mirror that reads it\n",
              without, upsert(single));

  // From a commit until the mirror has it.
  const auto delay = [&](std::size_t record, int i) {
    const std::string name = "fresh " + std::to_string(i);
    require(server.run("UPDATE syncs SET doc = jsonb_set(doc, '{name}', to_jsonb($1::text)) WHERE id = $2",
                       {name, dataset.id(record)}));
    const auto committed = Clock::now();
    const Query query = *QueryBuilder().name(name).build();
    while (mirror.snapshot().count(query) == 0) std::this_thread::yield();
    return std::chrono::duration<double>(Clock::now() - committed).count() * 1e3;
  };
  std::vector<double> delays;
  for (int i = 0; i < 200; ++i) delays.push_back(delay(static_cast<std::size_t>(i) * 7 % n, i));
  std::ranges::sort(delays);
  std::printf("a committed change is in the mirror after %.2f ms (median), %.2f ms (99 %%)\n", delays[100],
              delays[198]);
  require(server.run("ALTER TABLE syncs DISABLE TRIGGER syncdex_moves"));
  const std::string first = server.run("SELECT id FROM syncs ORDER BY position LIMIT 1").column(0)[0];
  std::size_t record = 0;
  while (dataset.id(record) != first) ++record;
  std::printf("and after %.0f ms if it leaves the first record's position as it is\n", delay(record, 1'000));
  const double text = static_cast<double>(catalog.stats().text_bytes) / 1e6;
  std::printf(
      "memory at its peak: %.2f x the text while the table is read, %.2f x more while it is read again\n",
      peak_read / text, peak_again / text);
  const Stats stats = catalog.stats();  // as it was read
  std::printf(
      "memory of the mirror: %.2f x the %.0f MB of text\n",
      static_cast<double>(stats.text_bytes + stats.index_bytes()) / static_cast<double>(stats.text_bytes),
      static_cast<double>(stats.text_bytes) / 1e6);
}
