#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake_milo/controller.hpp"
#include "fake_milo/response.hpp"
#include "fake_milo/stats.hpp"
#include "fake_milo/store.hpp"
#include "fake_milo/target.hpp"

namespace milo_perf::fake_milo {

/// A request as the API sees it.
struct ApiRequest {
    std::string_view method;
    std::string_view content_type;
    std::string_view body;
    const Target& target;
};

/// Milo's API on a store: everything but watches. For one thread.
class Api {
  public:
    Api(Store& store, Controller& controller, Stats& stats);

    Response handle(const ApiRequest& request);

    /// The watch or list is refused with an answer; otherwise its collection and selector.
    struct Selection {
        Collection* collection = nullptr;
        Selector selector;
        std::string namespace_;
        Response refusal;
    };
    Selection select(const Target& target);

    void deny_access(std::string verb, std::string resource) { denied_.emplace(verb, resource); }
    /// Deletes as a DELETE does. False when it is not there.
    bool remove(const Place& place);
    Place place_of(const Target& target) const;

  private:
    Response create(const ApiRequest& request);
    Response get(const Target& target);
    Response list(const Target& target);
    Response change(const ApiRequest& request);
    Response replace(const ApiRequest& request, const Place& place, boost::json::object& there,
                     const boost::json::object& body);
    Response remove_one(const Target& target);
    Response remove_collection(const Target& target);
    Response review_access(const ApiRequest& request);
    Response unstored(const ApiRequest& request);

    /// What is wrong with the scope or namespace of a request; status 0 when nothing is.
    Response check_scope(const Target& target);
    static Response not_found(const Target& target);

    Store& store_;
    Controller& controller_;
    Stats& stats_;
    std::set<std::pair<std::string, std::string>> denied_;
};

/// What Milo's admission says to a new object, and adds to it; status 0 lets it pass.
Response admit(const Target& target, boost::json::object& object);

}  // namespace milo_perf::fake_milo
