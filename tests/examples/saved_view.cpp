// A filter from a user's form, stored as text and used again: each field that was filled in becomes a
// condition, and a policy bounds what this user may see, whatever the stored text says.
#include <syncdex/ostream.h>
#include <syncdex/syncdex.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

using syncdex::field;

struct Form {
  std::vector<std::string> providers;  // any of them
  std::optional<int> seats_from, seats_below;
  std::string name_part;
  bool with_region = false;
};

syncdex::Filter filter_of(const Form& form) {
  syncdex::Filter all;
  if (!form.providers.empty()) {
    all =
        all &&
        field("provider").in(std::vector<syncdex::FilterValue>(form.providers.begin(), form.providers.end()));
  }
  if (form.seats_from) all = all && field("metadata.seats").gte(*form.seats_from);
  if (form.seats_below) all = all && field("metadata.seats").lt(*form.seats_below);
  if (!form.name_part.empty()) all = all && field("name").substring(form.name_part).ignore_case();
  if (form.with_region) all = all && field("metadata.region").set();
  return all;
}

int main(int, char** argv) {
  const auto catalog = syncdex::Catalog::load_file(argv[1]);
  if (!catalog) return 1;
  const Form form{{"stripe", "github"}, {}, {}, "O", true};
  const auto view = syncdex::Query::of(filter_of(form));
  if (!view) return std::cerr << view.error() << '\n', 1;
  const std::string stored = view->text();  // canonical: equal views have equal texts
  std::cout << stored << '\n';

  const auto again = syncdex::Query::from_filter(stored);
  const auto policy = syncdex::Query::of(field("status").eq("active"));
  if (!again || !policy) return 1;
  for (const syncdex::Record sync : catalog->find(all_of(*again, *policy))) std::cout << sync.name() << '\n';
}
