// SPDX-License-Identifier: Apache-2.0
#include "simulator/control.hpp"

#include "net/url.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace voicectl::simulator {
namespace {

constexpr std::string_view folder = "/simulator/";

net::HttpResponse reply(unsigned status, const json::object& body) {
    net::HttpResponse response;
    response.status = status;
    response.body = json::serialize(body);
    return response;
}

net::HttpResponse wrong(unsigned status, std::string_view message) {
    json::object body;
    body["error"] = json::object{{"message", message}};
    return reply(status, body);
}

/// A page in the operator's browser, or the world behind a proxy, is on loopback too.
bool passed_on(const net::HttpRequest& request) {
    constexpr std::array headers{"Origin", "Forwarded", "X-Forwarded-For", "Via"};
    return std::any_of(headers.begin(), headers.end(), [&request](const char* name) {
        return !net::find_header(request.headers, name).empty();
    });
}

base::Result<Fault> fault_of(std::string_view body) {
    using base::Errc;
    using base::fail;
    boost::system::error_code ec;
    const auto value = json::parse(body, ec);
    if (ec || !value.is_object()) return fail(Errc::malformed, "the body is not a JSON object");
    const auto& object = value.get_object();
    const auto* name = object.if_contains("name");
    if (name == nullptr || !name->is_string()) return fail(Errc::malformed, "a fault needs a name");
    const auto kind = fault_kind(std::string_view(name->get_string()));
    if (!kind) return kind.error();
    Fault fault;
    fault.kind = *kind;
    for (const auto& field : object) {
        if (field.key() == "name") continue;
        FaultValue given;
        if (field.value().is_int64()) given = field.value().get_int64();
        if (field.value().is_string()) given = std::string(field.value().get_string());
        if (auto set = set_field(fault, field.key(), given); !set) return set.error();
    }
    if (auto checked = check_fault(fault); !checked) return checked.error();
    return fault;
}

/// A field as it would be given again; null where it is what it is without being given.
struct Shower {
    const Fault& fault;
    const Fault standard = {};
    json::value operator()(std::string Fault::*member) const { return value(member, fault.*member); }
    json::value operator()(unsigned Fault::*member) const { return value(member, fault.*member); }
    json::value operator()(std::chrono::milliseconds Fault::*member) const {
        return value(member, (fault.*member).count());
    }
    json::value operator()(std::optional<std::chrono::milliseconds> Fault::*member) const {
        return value(member, (fault.*member).value_or(std::chrono::milliseconds(0)).count());
    }

 private:
    template <class Member, class Shown>
    json::value value(Member member, const Shown& shown) const {
        return fault.*member == standard.*member ? json::value() : json::value(shown);
    }
};

json::object shown(const FaultBook::Armed& one) {
    const auto& row = row_of(one.fault.kind);
    json::object line{{"id", one.id}, {"name", row.name}, {"struck", one.struck}};
    for (const auto& field : fault_fields()) {
        if (!takes(row, field.name)) continue;
        const auto value = std::visit(Shower{one.fault}, field.member);
        if (!value.is_null()) line[field.name] = value;
    }
    if (!one.fault.key.empty() && !one.fault.key.starts_with("key_")) line["key"] = label_of(one.fault.key);
    return line;
}

}  // namespace

bool Control::is_for(std::string_view target) noexcept {
    return net::path_of(target).starts_with(folder);
}

net::HttpResponse Control::answer(const net::HttpRequest& request, bool local, base::Time now) {
    if (!local) return wrong(404, "There is nothing at this address.");
    if (passed_on(request)) return wrong(403, "The control call is for programs on this machine, directly.");
    const auto path = net::path_of(request.target).substr(folder.size());
    if (path == "sessions" && request.method == "GET") return reply(200, ledger_.sessions());
    if (path == "log" && request.method == "GET") return reply(200, ledger_.log());
    if (path != "faults") return wrong(404, "There is nothing at this address.");
    if (request.method == "GET") return list();
    if (request.method == "POST") return arm(request.body, now);
    if (request.method != "DELETE") return wrong(405, "POST, GET or DELETE.");
    const auto name = net::query_value(request.target, "name");
    return reply(200, json::object{{"cleared", faults_.clear(name ? *name : std::string())}});
}

net::HttpResponse Control::arm(std::string_view body, base::Time now) {
    auto fault = fault_of(body);
    if (!fault) return wrong(400, fault.error().detail);
    const auto id = faults_.arm(std::move(*fault), now);
    if (!id) return wrong(429, id.error().detail);
    ledger_.tell_of_faults(now);
    return reply(201, json::object{{"id", *id}});
}

net::HttpResponse Control::list() const {
    json::object whole;
    json::array armed;
    for (const auto& one : faults_.armed())
        armed.push_back(shown(one));
    json::array kinds;
    for (const auto& row : fault_rows())
        kinds.push_back(json::object{{"name", row.name}, {"takes", row.takes}, {"does", row.does}});
    json::array fields;
    for (const auto& field : fault_fields())
        fields.push_back(json::object{{"name", field.name}, {"says", field.says}});
    whole["armed"] = std::move(armed);
    whole["faults"] = std::move(kinds);
    whole["fields"] = std::move(fields);
    return reply(200, whole);
}

}  // namespace voicectl::simulator
