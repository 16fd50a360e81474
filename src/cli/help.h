// The help text and the manual page, both from the options that CLI11 knows.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace syncdex::cli {

// In 80 columns.
std::string help_text(const CLI::App& app);
// In troff, with the man macros.
std::string man_page(const CLI::App& app);

}  // namespace syncdex::cli
