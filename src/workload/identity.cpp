#include "workload/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <random>

#include "config/settings.hpp"

namespace milo_perf::workload {

namespace {
std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::value(text));
}
}  // namespace

Identity::Identity(std::string test_id, std::string org_name, std::uint32_t num_projects)
    : test_id_(std::move(test_id)),
      org_name_(org_name.empty() ? std::string(config::organization_prefix) + test_id_ : std::move(org_name)),
      label_selector_(fmt::format("app={},{}={}", app_label, test_id_label, test_id_)),
      digits_(std::max(3, static_cast<int>(std::to_string(std::max(1U, num_projects) - 1).size()))) {}

std::string Identity::project_name(std::uint32_t index) const {
    return fmt::format("{}-p-{:0{}}", org_name_, index, digits_);
}

std::string Identity::labels_json() const {
    return fmt::format(R"("labels":{{"app":"{}","{}":{}}})", app_label, test_id_label, json_string(test_id_));
}

std::string random_test_id() {
    std::random_device source;
    return fmt::format("{:08x}", source());
}

}  // namespace milo_perf::workload
