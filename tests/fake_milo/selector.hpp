#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::fake_milo {

using Labels = std::map<std::string, std::string, std::less<>>;

/// A label selector (Kubernetes' labels documentation): `a=b`, `a==b`, `a!=b`, `a in (b,c)`,
/// `a notin (b,c)`, `a`, `!a`, with commas between.
class Selector {
  public:
    /// Empty text selects everything; nothing comes back for what is no selector.
    static std::optional<Selector> parse(std::string_view text);

    void require(std::string key, std::string value);
    bool matches(const Labels& labels) const;
    bool everything() const { return requirements_.empty(); }

  private:
    enum class Operator { in, not_in, exists, not_exists };
    struct Requirement {
        std::string key;
        Operator op = Operator::in;
        std::vector<std::string> values;
    };
    static std::optional<Requirement> parse_one(std::string_view text);

    std::vector<Requirement> requirements_;
};

}  // namespace milo_perf::fake_milo
