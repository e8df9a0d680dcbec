#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/format.hpp"

/// The page's building blocks. All texts are escaped here; what they return is HTML.
namespace milo_perf::report {

/// One figure, large, with what it means.
struct Card {
    std::string label;
    FigureText figure;
    std::string explanation;
    /// `good`, `bad` or `warn`; empty for a plain figure. Shown by a word and a mark, not by colour alone.
    std::string_view state;
};

/// "✓ " and the like for a state, so that nothing is told by colour alone; empty for a plain figure.
std::string_view mark(std::string_view state);

std::string write(const std::vector<Card>& cards);

struct Table {
    std::string caption;
    /// A label that begins with '#' heads a column of figures (right-aligned); the '#' is not shown.
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    /// Instead of a table without rows.
    std::string when_empty;
};

std::string write(const Table& table);

/// A section with its heading, and `lead` as its first paragraph.
std::string section(std::string_view id, std::string_view heading, std::string_view lead,
                    const std::string& content);

std::string subheading(std::string_view text);
std::string paragraph(std::string_view text);
/// A list of texts; `when_empty` as a paragraph without any.
std::string bullets(const std::vector<std::string>& texts, std::string_view when_empty);

}  // namespace milo_perf::report
