#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milo_perf::metrics {

using LabelPairs = std::vector<std::pair<std::string_view, std::string>>;

/// A number as both text formats take it: shortest exact form, `NaN`, `+Inf`, `-Inf`.
std::string exposition_number(double value);

/// `{a="b",c="d"}` with backslash, quote and line feed escaped; labels with empty values are left out, since
/// an empty value means no label. Empty without labels.
std::string exposition_labels(const LabelPairs& labels);

/// Writes families of OpenMetrics text in order: each family's lines stand together under its metadata.
class OpenMetricsWriter {
  public:
    /// `type` is counter, gauge, histogram or info; `unit` may be empty, and else ends `name`.
    void family(std::string_view name, std::string_view type, std::string_view unit, std::string_view help);

    /// One sample of the newest family; `suffix` is "_total", "_bucket", … or empty.
    void sample(std::string_view suffix, const LabelPairs& labels, double value);

    /// The text, ended with `# EOF`.
    std::string finish() &&;

  private:
    std::string text_;
    std::string name_;
};

}  // namespace milo_perf::metrics
