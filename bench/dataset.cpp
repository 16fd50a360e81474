#include "dataset.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>

namespace syncdex::bench {
namespace {

// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
class Random {
 public:
  explicit Random(std::uint64_t state) : state_(state) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool chance(double p) { return static_cast<double>(next() >> 11) * 0x1p-53 < p; }

 private:
  std::uint64_t state_;
};

struct Share {
  const char* value;
  int permille;
};

constexpr Share kProviders[] = {{"stripe", 240},  {"hubspot", 180},  {"salesforce", 130}, {"github", 100},
                                {"airtable", 70}, {"shopify", 60},   {"linear", 50},      {"quickbooks", 45},
                                {"netsuite", 35}, {"auth0", 30},     {"marketo", 20},     {"sendgrid", 18},
                                {"workday", 12},  {"servicenow", 10}};
constexpr Share kHealth[] = {
    {"healthy", 880}, {"error", 60}, {"warning", 30}, {"pending", 20}, {"disabled", 10}};
constexpr const char* kCompanies[] = {"Choam Corp",
                                      "Acme Inc",
                                      "Globex",
                                      "Initech",
                                      "Umbrella",
                                      "Soylent",
                                      "Hooli",
                                      "Vehement",
                                      "Massive Dynamic",
                                      "M\xC3\xBCller GmbH",
                                      "Caf\xC3\xA9 Zo\xC3\xAB",
                                      "Wonka",
                                      "Stark",
                                      "Wayne",
                                      "Tyrell",
                                      "Cyberdyne",
                                      "\xE6\x97\xA5\xE6\x9C\xAC \\\"K\\u006b\\\""};
constexpr const char* kRegions[] = {"eu-west-1", "eu-central-1", "us-east-1",
                                    "us-west-2", "ap-south-1",   "sa-east-1"};
constexpr const char* kTiers[] = {"free", "starter", "growth", "enterprise"};
constexpr const char* kTags[] = {"beta", "vip", "trial", "internal", "migrated", "eu", "priority", "legacy"};
constexpr const char* kKinds[] = {"contact", "company", "deal",     "ticket",
                                  "invoice", "charge",  "customer", "repo"};
constexpr const char* kRoles[] = {"admin", "billing", "technical"};
constexpr const char* kCities[] = {"Ulm", "Lyon", "Porto", "Austin", "Osaka", "Pune", "Quito", "Oslo"};

template <std::size_t N>
const char* pick(const Share (&shares)[N], Random& random) {
  auto at = static_cast<int>(random.below(1000));
  for (const Share& share : shares) {
    at -= share.permille;
    if (at < 0) return share.value;
  }
  return shares[0].value;
}

template <std::size_t N>
const char* pick(const char* const (&values)[N], Random& random) {
  return values[random.below(N)];
}

std::string uuid(std::uint64_t a, std::uint64_t b) {
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, a >> 16 & 0xFFFF, a & 0xFFF,
                     0x8000 | (b >> 48 & 0x3FFF), b & 0xFFFF'FFFF'FFFF);
}

std::string time(Random& random) {
  const std::size_t month = 1 + random.below(12);
  const std::size_t day = 1 + random.below(28);
  const std::size_t second = random.below(24 * 60 * 60);
  return fmt::format("2023-{:02}-{:02} {:02}:{:02}:{:02}", month, day, second / 3600, second / 60 % 60,
                     second % 60);
}

// Never draw twice within one call's arguments: their order of evaluation is unspecified, and the records
// must not depend on the compiler.

// One stream per record and purpose, so that a field can be computed without the others.
Random stream(std::uint64_t seed, std::uint64_t i, std::uint64_t purpose) {
  Random random(seed * 0x2545F4914F6CDD1Du + i * 0x9E3779B97F4A7C15u + purpose * 0xD6E8FEB86659FD93u);
  random.next();
  return random;
}

}  // namespace

std::string Dataset::id(std::uint64_t i) const {
  Random random = stream(seed_, i, 1);
  const std::uint64_t a = random.next();
  return uuid(a, random.next());
}

std::string Dataset::name(std::uint64_t i) const {
  Random random = stream(seed_, i, 2);
  const char* const company = pick(kCompanies, random);
  const char* const provider = pick(kProviders, random);
  return fmt::format("{} - {} Production {}", company, provider, i);
}

bool Dataset::has_user_id(std::uint64_t i) const { return stream(seed_, i, 3).chance(0.85); }

std::string Dataset::user_id(std::uint64_t i) const {
  Random random = stream(seed_, i, 4);
  return fmt::format("usr_{:010x}{:06x}", random.next() >> 24, i);
}

void Dataset::append_record(std::uint64_t i, std::string& out) const {
  Random random = stream(seed_, i, 5);
  auto to = std::back_inserter(out);
  const std::string sync_id = id(i);
  const char* const provider = pick(kProviders, random);
  const std::uint64_t credential = random.next();
  const std::string credential_id = uuid(credential, random.next());
  const std::string created = time(random);
  const std::uint64_t org = random.below(400);
  const bool active = random.chance(0.94);
  const std::size_t allowed = 1000 * (1 + random.below(4));
  const std::size_t concurrent = random.below(3) * 5;
  const bool test = random.chance(0.1);
  const std::size_t credential_property = random.below(100);
  const bool aged = random.chance(0.7);
  const bool continuous = random.chance(0.8);

  fmt::format_to(to, R"({{"id":"{}","provider":"{}","name":"{}","status":"{}","org_id":"{}",)", sync_id,
                 provider, name(i), active ? "active" : "disabled",
                 uuid(org * 0x9E3779B97F4A7C15u, org * 77));
  fmt::format_to(to, R"("health":{{"status":"{}","sync_id":"{}"}},"collection_ids":[)", pick(kHealth, random),
                 sync_id);
  const std::size_t collections = 1 + random.below(3);
  for (std::size_t k = 0; k < collections; ++k) {
    fmt::format_to(to, R"({}"{}:{}")", k == 0 ? "" : ",", provider,
                   kKinds[(org + k * 3) % std::size(kKinds)]);
  }
  fmt::format_to(to,
                 R"(],"rate_limit":{{"allowed_requests":{},"interval":60,"max_concurrent_requests":{}}},)",
                 allowed, concurrent);
  fmt::format_to(
      to,
      R"("credential_id":"{0}","credential":{{"id":"{0}","provider":"{1}","properties":{{"kind":"{1}_key",)"
      R"("name":"TEST ACCOUNT","secret":"***********","test":{2}}},"oauth_app_id":null,)"
      R"("oauth_app":{{"kind":"sequin"}},"metadata":{{"custom_credential_property":{3}}},)"
      R"("created_at":"{4}","updated_at":"{4}"}},)",
      credential_id, provider, test, credential_property, created);
  fmt::format_to(to, R"("max_age_days":{},"sync_frequency":"{}","initial_backfill_completed_at":)",
                 aged ? "365" : "null", continuous ? "continuous" : "4h");
  if (random.chance(0.95)) {
    fmt::format_to(to, R"("{}")", time(random));
  } else {
    out += "null";
  }

  out += R"(,"metadata":{)";
  const char* separator = "";
  const auto member = [&](std::string_view key) {
    fmt::format_to(to, R"({}"{}":)", separator, key);
    separator = ",";
  };
  if (random.chance(0.9)) {
    member("custom_property");
    const std::size_t value = random.below(1000);
    // 2 % spell the number with ".0".
    fmt::format_to(to, "{}{}", value, random.chance(0.02) ? ".0" : "");
  }
  if (has_user_id(i)) {
    member("user_id");
    fmt::format_to(to, R"("{}")", user_id(i));
  }
  member("region");
  fmt::format_to(to, R"("{}")", pick(kRegions, random));
  if (random.chance(0.6)) {
    member("plan");
    const char* const tier = pick(kTiers, random);
    const std::size_t seats = 1 + random.below(500);
    const bool trial = random.chance(0.076);
    fmt::format_to(to, R"({{"tier":"{}","seats":{},"trial":{}}})", tier, seats, trial);
  }
  if (random.chance(0.8)) {
    member("tags");
    const std::size_t tags = random.below(5);
    const std::size_t first = random.below(8);
    out += '[';
    for (std::size_t k = 0; k < tags; ++k) {
      fmt::format_to(to, R"({}"{}")", k == 0 ? "" : ",", kTags[(first + k * 3) % 8]);
    }
    out += ']';
  }
  if (random.chance(0.2)) {
    member("score");
    const std::size_t score = random.below(100);
    fmt::format_to(to, "{}.{:02}", score, random.below(100));
  }
  if (random.chance(0.15)) {
    member("owner");
    fmt::format_to(to, R"({{"team":{},"contacts":[)", random.below(50));
    for (int k = 0; k < 2; ++k) {
      const char* const role = pick(kRoles, random);
      const char* const city = pick(kCities, random);
      const std::size_t phone = random.below(300);
      fmt::format_to(to, R"({}{{"role":"{}","city":"{}","phone":{}}})", k == 0 ? "" : ",", role, city, phone);
    }
    out += "]}";
  }
  if (random.chance(0.05)) {
    member("note");
    out += random.chance(0.5) ? "null" : R"("line one\nline \"two\" \u00e9\ud83d\ude00 \\ done")";
  }
  if (random.chance(0.01)) {
    member("ledger");
    out += random.chance(0.5) ? "9007199254740993" : "9007199254740992";
  }
  fmt::format_to(to, R"(}},"created_at":"{}","updated_at":"{}"}})", created, time(random));
}

std::string Dataset::text(std::size_t n, Shape shape) const {
  std::string out;
  out.reserve(n * 1200 + 4096);
  if (shape == Shape::envelope) out += R"({"data":)";
  if (shape != Shape::ndjson) out += '[';
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0 && shape != Shape::ndjson) out += ',';
    append_record(i, out);
    if (shape == Shape::ndjson) out += '\n';
  }
  if (shape != Shape::ndjson) out += ']';
  if (shape == Shape::envelope) out += '}';
  return out;
}

std::uint64_t with_user_id(const Dataset& dataset, std::uint64_t from) {
  while (!dataset.has_user_id(from)) ++from;
  return from;
}

std::filesystem::path Dataset::file(const std::filesystem::path& folder, std::size_t n) const {
  const std::filesystem::path path = folder / fmt::format("syncs-{}-seed{}.ndjson", n, seed_);
  std::string first;
  std::string last;
  append_record(0, first);
  append_record(n - 1, last);
  last += '\n';
  // A file whose first and last records are as expected is complete and by this generator.
  if (std::ifstream in(path, std::ios::binary); in) {
    std::string begin(first.size(), '\0');
    std::string end(last.size(), '\0');
    in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    in.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
    in.read(end.data(), static_cast<std::streamsize>(end.size()));
    if (in && begin == first && end == last) return path;
  }
  std::filesystem::create_directories(folder);
  const std::filesystem::path unfinished = path.string() + ".part";
  std::ofstream out(unfinished, std::ios::binary);
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    append_record(i, text);
    text += '\n';
    if (text.size() < (std::size_t{1} << 20) && i + 1 < n) continue;
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
  }
  out.close();
  if (!out) throw std::filesystem::filesystem_error("cannot write", unfinished, std::error_code());
  std::filesystem::rename(unfinished, path);
  return path;
}

const std::vector<NamedQuery>& queries() {
  const auto tag = [](const char* name) { return fmt::format(R"({{"metadata":{{"tags":["{}"]}}}})", name); };
  const std::string stripe = R"({"provider":"stripe"})";
  const std::string region = R"({"metadata":{"region":"eu-west-1"}})";
  const std::string tier = R"({"metadata":{"plan":{"tier":"growth"}}})";
  static const std::vector<NamedQuery> all = {
      {"provider", stripe, 23790, 0.05, 40, {}},
      {"status", R"({"status":"disabled"})", 5880, 0.1, 0, {}},
      {"health", R"({"health":{"status":"warning"}})", 3082, 0.1, 0, {}},
      {"name", R"({"name":")" + Dataset(1).name(70'003) + "\"}", 1, 0.05, 0.1, {}},
      {"metadata number", R"({"metadata":{"custom_property":42}})", 94, 0.05, 0.3, {}},
      {"unique string",
       R"({"metadata":{"user_id":")" + Dataset(1).user_id(with_user_id(Dataset(1), 70'000)) + "\"}}",
       1,
       0.1,
       0,
       {}},
      {"nested string", tier, 15008, 0.05, 30, {}},
      {"two tags", R"({"metadata":{"tags":["beta","vip"]}})", 2030, 1, 6, {tag("beta"), tag("vip")}},
      {"object in array",
       R"({"metadata":{"owner":{"contacts":[{"city":"Ulm","phone":42,"role":"admin"}]}}})",
       2,
       0.5,
       0.6,
       {R"({"metadata":{"owner":{"contacts":[{"city":"Ulm"}]}}})",
        R"({"metadata":{"owner":{"contacts":[{"phone":42}]}}})",
        R"({"metadata":{"owner":{"contacts":[{"role":"admin"}]}}})"}},
      {"region + tier + trial",
       R"({"metadata":{"region":"eu-west-1","plan":{"tier":"growth","trial":true}}})",
       181,
       1,
       3,
       {region, tier, R"({"metadata":{"plan":{"trial":true}}})"}},
      {"42 as 42.0", R"({"metadata":{"custom_property":42.0}})", 94, 0.1, 0, {}},
      {"2^53+1", R"({"metadata":{"ledger":9007199254740993}})", 510, 0.05, 1, {}},
      {"provider + region",
       R"({"provider":"stripe","metadata":{"region":"eu-west-1"}})",
       3967,
       1,
       6,
       {stripe, region}},
      {"four terms",
       R"({"provider":"stripe","status":"disabled","health":{"status":"healthy"},"metadata":{"plan":{"tier":"growth"}}})",
       189,
       1.5,
       3,
       {stripe, R"({"status":"disabled"})", R"({"health":{"status":"healthy"}})", tier}},
      {"nobody",
       R"({"provider":"stripe","metadata":{"custom_property":123456}})",
       0,
       0.05,
       0.05,
       {stripe, R"({"metadata":{"custom_property":123456}})"}},
  };
  return all;
}

const std::vector<NamedFilter>& filters() {
  constexpr NamedFilter::Goals kIndexed{.count_100k = 2, .count_1m = 20, .sqlite = 100};
  constexpr NamedFilter::Goals kOrdered{
      .count_100k = 3, .count_1m = 30, .sqlite = 20, .find_100k = 15, .find_1m = 150};
  constexpr NamedFilter::Goals kNotJudged{};
  const auto hundred = [] {
    std::string numbers = "0";
    for (int i = 1; i < 100; ++i) numbers += fmt::format(",{}", i * 10);
    return numbers;
  };
  static const std::vector<NamedFilter> all = {
      {"in of 2 providers", R"({"path":"provider","in":["stripe","hubspot"]})", 41786, kIndexed},
      {"in of 100 numbers",
       R"({"path":"metadata.custom_property","in":[)" + hundred() + "]}",
       8907,
       {.count_100k = 10, .sqlite = 100}},
      {"or of two fields",
       R"({"or":[{"contains":{"health":{"status":"error"}}},{"contains":{"metadata":{"region":"eu-west-1"}}}]})",
       21561, kIndexed},
      {"status not active", R"({"path":"status","ne":"active"})", 5880, kIndexed},
      {"not one provider", R"({"not":{"contains":{"provider":"stripe"}}})", 76210, kIndexed},
      {"exists", R"({"path":"metadata.custom_property","exists":true})", 90211, kIndexed},
      {"not set", R"({"path":"metadata.user_id","set":false})", 15169, kIndexed},
      {"kind null", R"({"path":"metadata.note","kind":"null"})", 2541, {}},
      {"four conditions",
       R"({"and":[{"or":[{"contains":{"health":{"status":"error"}}},{"path":"metadata.region","in":["eu-west-1","us-east-1"]}]},)"
       R"({"not":{"contains":{"provider":"stripe"}}},{"contains":{"metadata":{"plan":{"tier":"growth"}}}}]})",
       4275,
       {}},
      {"number in a range", R"({"path":"metadata.custom_property","gte":100,"lt":200})", 8800, kOrdered},
      {"number in 1 %", R"({"path":"metadata.custom_property","gte":100,"lt":111})", 1025, kNotJudged},
      {"number in 50 %", R"({"path":"metadata.custom_property","gte":100,"lt":655})", 50024, kNotJudged},
      {"name with a prefix", R"({"path":"name","prefix":"Acme Inc - stripe "})", 1404, kOrdered},
      {"created in a month", R"({"path":"created_at","gte":"2023-06-01","lt":"2023-07-01"})", 8372, kOrdered},
  };
  return all;
}

}  // namespace syncdex::bench
