// Tables for people, made by libsmartcols. On a terminal they fit its width, unless it is very narrow.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

struct libscols_table;

namespace syncdex::cli {

using Write = std::function<void(std::string_view)>;

// Where the output goes.
struct Screen {
  std::size_t width = 0;  // in columns; 0: not a terminal
  bool colour = false;
};

class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;  // aligned
    bool cut = false;    // gives way if the table is too wide
  };

  Table(const std::vector<Column>& columns, const Screen& screen);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table();

  // A cell for each column, without control characters. Cells that say "error" are red.
  void add(const std::vector<std::string>& cells);
  void print(const Write& write) const;

 private:
  libscols_table* const table_;
  const Screen screen_;
};

}  // namespace syncdex::cli
