// The same query for PostgreSQL, when one machine is not enough.
#include <syncdex/syncdex.h>

#include <cstdio>

int main() {
  const auto request =
      syncdex::parse_request("provider=stripe&metadata=%7B%22custom_property%22%3A42%7D&limit=100");
  const auto statement = syncdex::to_postgres(*request, {.table = "syncs"});
  if (!statement) return 1;
  std::puts(statement->sql.c_str());
  for (const std::string& parameter : statement->parameters) std::puts(parameter.c_str());
}
