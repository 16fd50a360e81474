#include "table.h"

#include <libsmartcols.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace syncdex::cli {
namespace {

void require(int status) {
  if (status != 0) throw std::bad_alloc();  // the only way in which these calls fail
}

}  // namespace

Table::Table(const std::vector<Column>& columns, const Screen& screen)
    : table_(scols_new_table()), screen_(screen) {
  if (table_ == nullptr) throw std::bad_alloc();
  for (const Column& column : columns) {
    const int flags = (column.right ? SCOLS_FL_RIGHT : 0) | (column.cut ? SCOLS_FL_TRUNC : 0);
    if (scols_table_new_column(table_, column.title.c_str(), column.cut ? 0.1 : 1, flags) == nullptr) {
      scols_unref_table(table_);
      throw std::bad_alloc();
    }
  }
  scols_table_enable_noencoding(table_, 1);  // control characters are replaced already
  scols_table_set_termforce(table_, screen.width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
  if (screen.width > 0) scols_table_set_termwidth(table_, screen.width);
  scols_table_enable_colors(table_, screen.colour ? 1 : 0);
  scols_table_set_column_separator(table_, "  ");
}

Table::~Table() { scols_unref_table(table_); }

void Table::add(const std::vector<std::string>& cells) {
  libscols_line* const line = scols_table_new_line(table_, nullptr);
  if (line == nullptr) throw std::bad_alloc();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    require(scols_line_set_data(line, i, cells[i].c_str()));
    if (cells[i] == "error") require(scols_cell_set_color(scols_line_get_cell(line, i), "red"));
  }
}

void Table::print(const Write& write) const {
  char* text = nullptr;
  require(scols_print_table_to_string(table_, &text));
  const std::string_view all = text;
  // Without the spaces at the ends of lines.
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    const std::string_view line = all.substr(at, end - at);
    const std::string_view kept = line.substr(0, line.find_last_not_of(' ') + 1);
    const bool title = screen_.colour && at == 0;
    write(title ? "\033[1m" + std::string(kept) + "\033[0m\n" : std::string(kept) + '\n');
    at = end + 1;
  }
  std::free(text);
}

}  // namespace syncdex::cli
