#include "fake_milo/controller.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <memory>

namespace milo_perf::fake_milo {
namespace json = boost::json;

namespace {

json::object condition(bool known, bool ready, std::string_view reason) {
    json::object made;
    made["type"] = "Ready";
    made["status"] = !known ? "Unknown" : (ready ? "True" : "False");
    made["reason"] = reason;
    made["message"] = ready ? "Project is ready" : "Waiting for the controller";
    made["lastTransitionTime"] = known ? timestamp_now() : "1970-01-01T00:00:00Z";
    return made;
}

json::object status_with(json::object ready) {
    json::object status;
    status["conditions"] = json::array({std::move(ready)});
    return status;
}

}  // namespace

Place project_place(std::string name) {
    return {"", find_kind(milo_api, "projects"), "", std::move(name)};
}

Controller::Controller(boost::asio::any_io_executor executor, Store& store, ControllerOptions options,
                       std::uint32_t seed)
    : executor_(std::move(executor)), store_(store), options_(std::move(options)), random_(seed) {}

void Controller::prepare(json::object& project) const {
    project["status"] = status_with(condition(false, false, "Unknown"));
    if (options_.enabled) metadata_of(project)["finalizers"] = json::array({finalizer});
}

void Controller::after(Milliseconds delay, std::function<void()> action) {
    const auto timer = std::make_shared<boost::asio::steady_timer>(executor_, delay);
    timer->async_wait([timer, action = std::move(action)](const boost::system::error_code& error) {
        if (!error) action();
    });
}

void Controller::on_created(const std::string& project) {
    if (!options_.enabled) return;
    const Milliseconds delay = options_.ready_delay.next(random_);
    if (std::bernoulli_distribution(options_.never_ready_share)(random_)) return;
    after(delay, [this, project] { set_condition(project, true, "Ready"); });
}

bool Controller::set_condition(const std::string& project, bool ready, std::string_view reason) {
    const Place place = project_place(project);
    const Object* there = store_.find(place);
    if (there == nullptr) return false;
    const Place home{project, find_kind("v1", "namespaces"), "", "default"};
    if (ready && store_.find(home) == nullptr) {
        json::object space;
        space["apiVersion"] = "v1";
        space["kind"] = "Namespace";
        metadata_of(space)["name"] = "default";
        store_.create(home, std::move(space));
    }
    json::object object = json::parse(*there->json).as_object();
    object["status"] = status_with(condition(true, ready, reason));
    store_.update(place, std::move(object));
    return true;
}

void Controller::on_deletion(const std::string& project) {
    if (!options_.enabled) return;
    after(options_.purge_delay, [this, project] { purge(project); });
}

void Controller::purge(const std::string& project) {
    const Place place = project_place(project);
    if (store_.find(place) == nullptr) return;
    store_.drop_storage(project);
    store_.remove(place);
}

}  // namespace milo_perf::fake_milo
