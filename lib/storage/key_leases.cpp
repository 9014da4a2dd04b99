// SPDX-License-Identifier: Apache-2.0
#include "storage/key_leases.hpp"

#include "base/id.hpp"
#include "base/time.hpp"
#include "storage/lease_table.hpp"

#include <utility>

namespace voicectl::storage {

base::Result<Lease> LeaseTable::acquire(LeaseTerms terms, Time now) {
    auto id = make_lease_id(terms.holder);
    return renew(Lease(std::move(terms), std::move(id), 0), now);
}

base::Result<Lease> LeaseTable::renew(Lease lease, Time now) {
    auto& group = groups_[lease.terms.group];
    group.forget_ended(now);
    if (!group.ends.contains(lease.id)) {
        if (group.ends.size() >= lease.terms.slots) return no_room(lease.terms);
        lease.fence = ++group.fence;
    }
    group.ends[lease.id] = now + lease.terms.ttl;
    return lease;
}

void LeaseTable::release(const Lease& lease) {
    groups_[lease.terms.group].ends.erase(lease.id);
}

std::size_t LeaseTable::live(const std::string& group, Time now) {
    groups_[group].forget_ended(now);
    return groups_[group].ends.size();
}

namespace {

class MemoryKeyLeases final : public KeyLeases {
 public:
    explicit MemoryKeyLeases(LeaseClock clock) : clock_(std::move(clock)) {}

    net::Task<base::Result<Lease>> acquire(LeaseTerms terms) override {
        co_return table_.acquire(std::move(terms), clock_());
    }
    net::Task<base::Result<Lease>> renew(Lease lease) override {
        co_return table_.renew(std::move(lease), clock_());
    }
    net::Task<void> release(Lease lease) override {
        table_.release(lease);
        co_return;
    }

 private:
    LeaseClock clock_;
    LeaseTable table_;
};

std::chrono::milliseconds monotonic() {
    return std::chrono::floor<std::chrono::milliseconds>(base::now().time_since_epoch());
}

}  // namespace

std::unique_ptr<KeyLeases> make_memory_key_leases(LeaseClock clock) {
    return std::make_unique<MemoryKeyLeases>(clock ? std::move(clock) : LeaseClock(monotonic));
}

base::Error no_room(const LeaseTerms& terms) {
    return base::fail(base::Errc::overloaded, "all {} slots of the keys {} are taken", terms.slots,
                      terms.group);
}

std::string make_lease_id(const std::string& holder) {
    return base::make_id(holder + "/");
}

}  // namespace voicectl::storage
