#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <random>
#include <string>

#include "fake_milo/server.hpp"
#include "fake_milo/store.hpp"

namespace milo_perf::fake_milo {

/// Plays Milo's project controller: makes Projects Ready after a while, with their `default` namespace, and
/// purges those that are being deleted. For one thread.
class Controller {
  public:
    Controller(boost::asio::any_io_executor executor, Store& store, ControllerOptions options,
               std::uint32_t seed);

    static constexpr std::string_view finalizer = "resourcemanager.miloapis.com/project-controller";

    bool enabled() const { return options_.enabled; }
    /// Status and finalizer of a Project that is about to be stored.
    void prepare(boost::json::object& project) const;
    void on_created(const std::string& project);
    void on_deletion(const std::string& project);

    /// False when there is no such Project.
    bool set_condition(const std::string& project, bool ready, std::string_view reason);

  private:
    void after(Milliseconds delay, std::function<void()> action);
    void purge(const std::string& project);

    boost::asio::any_io_executor executor_;
    Store& store_;
    ControllerOptions options_;
    std::mt19937 random_;
};

Place project_place(std::string name);

}  // namespace milo_perf::fake_milo
