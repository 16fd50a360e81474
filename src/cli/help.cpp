#include "help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "syncdex/config.h"

namespace syncdex::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 24;  // of descriptions

constexpr std::pair<const char*, const char*> kExamples[] = {
    {"syncdex syncs.json 'provider=stripe&created_at[gte]=2024-01-01'", "as GET /v1/syncs answers it"},
    {"syncdex syncs.json --metadata '{\"plan\":{\"tier\":\"growth\"}}' --count", "how many"},
    {"syncdex syncs.json status=active --order=-created_at --limit 5 --format table", "the newest five"},
    {"syncdex syncs.json --facets", "what can be filtered by"},
    {"curl -s \"$URL\" | syncdex - health.status=error --ids", "from standard input"},
};

std::string name_of(const CLI::Option& option) {
  std::string name = option.get_positional() ? option.get_name(true) : option.get_name(false, true);
  const std::size_t comma = name.find(',');
  if (comma != name.npos) name.insert(comma + 1, " ");
  const std::string type = option.get_type_name();
  if (!option.get_positional() && !type.empty()) name += " " + type.substr(0, type.find(':'));
  return name;
}

std::string description_of(const CLI::Option& option) {
  std::string text = option.get_description();
  if (!option.get_default_str().empty()) text += " [" + option.get_default_str() + "]";
  return text;
}

// Appends text, wrapped, with each line indented. The first line already has `at` characters.
void append_wrapped(std::string_view text, std::size_t indent, std::size_t at, std::string& out) {
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(' ', from), text.size());
    const std::size_t length = end - from;
    if (at > indent && at + 1 + length > kWidth) {
      out.append(1, '\n').append(indent, ' ');
      at = indent;
    } else if (at > indent) {
      out += ' ';
      ++at;
    }
    out += text.substr(from, length);
    at += length;
    from = end + 1;
  }
  out += '\n';
}

// The options of each group, in their order.
template <class Take>
void for_each_group(const CLI::App& app, Take take) {
  for (const std::string& group : app.get_groups()) {
    if (group.empty()) continue;
    const auto options = app.get_options(
        [&](const CLI::Option* o) { return !o->get_positional() && o->get_group() == group; });
    if (!options.empty()) take(group, options);
  }
}

// Escapes text for troff.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out.append("\\&") += c;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string help_text(const CLI::App& app) {
  std::string out = app.get_description() + "\n\nusage: syncdex [OPTION]... FILE [QUERY]\n\n";
  const auto add = [&](const CLI::Option& option) {
    const std::string name = "  " + name_of(option);
    out += name;
    std::size_t at = name.size();
    if (at + 2 > kIndent) {
      out += '\n';
      at = 0;
    }
    out.append(kIndent - at, ' ');
    append_wrapped(description_of(option), kIndent, kIndent, out);
  };
  for (const CLI::Option* option :
       app.get_options([](const CLI::Option* o) { return o->get_positional(); })) {
    add(*option);
  }
  out += "\nExamples:\n";
  for (const auto& [command, what] : kExamples) out += fmt::format("  # {}\n  {}\n", what, command);
  for_each_group(app, [&](const std::string& group, const std::vector<const CLI::Option*>& options) {
    out += "\n" + group + ":\n";
    for (const CLI::Option* option : options) add(*option);
  });
  out += '\n';
  append_wrapped(app.get_footer(), 0, 0, out);
  return out;
}

std::string man_page(const CLI::App& app) {
  std::string out = fmt::format(
      ".TH SYNCDEX 1 \"\" \"syncdex {}.{}.{}\"\n.SH NAME\nsyncdex \\- filters sync records\n.SH SYNOPSIS\n"
      ".B syncdex\n[\\fIOPTION\\fR]... \\fIFILE\\fR [\\fIQUERY\\fR]\n.SH DESCRIPTION\n{}\n",
      SYNCDEX_VERSION_MAJOR, SYNCDEX_VERSION_MINOR, SYNCDEX_VERSION_PATCH, troff(app.get_description()));
  const auto add = [&](const CLI::Option& option) {
    out += fmt::format(".TP\n.B {}\n{}\n", troff(name_of(option)), troff(description_of(option)));
  };
  for (const CLI::Option* option :
       app.get_options([](const CLI::Option* o) { return o->get_positional(); })) {
    add(*option);
  }
  for_each_group(app, [&](const std::string& group, const std::vector<const CLI::Option*>& options) {
    out += ".SS \"" + troff(group) + "\"\n";
    for (const CLI::Option* option : options) add(*option);
  });
  out += ".SH EXAMPLES\n";
  for (const auto& [command, what] : kExamples) {
    out += fmt::format(".TP\n{}\n.EX\n{}\n.EE\n", troff(what), troff(command));
  }
  return out + ".SH EXIT STATUS\n" + troff(app.get_footer()) + "\n";
}

}  // namespace syncdex::cli
