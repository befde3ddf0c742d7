#include "bench/e2e/facts.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace patron::bench {
namespace {

constexpr std::uint64_t kSerialsPerMs = 100'000;  // more than any generator says
constexpr std::uint64_t kSerialMsMax = 1'000'000'000;
constexpr std::uint32_t kSecondMs = 1'000;
constexpr std::uint32_t kPastSeconds = 400 * 24 * 60 * 60;
constexpr std::uint32_t kOrdersMax = 5;  // of a customer, unless somebody says otherwise
constexpr std::uint32_t kAmountMin = 10'000;
constexpr std::uint32_t kAmountSpan = 90'000;
constexpr std::uint32_t kLateMsMax = 1'024;

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::uint64_t first_serial() {
    return static_cast<std::uint64_t>(unix_ms()) % kSerialMsMax * kSerialsPerMs;
}

std::uint64_t stride_for(std::uint32_t customers) {
    std::uint64_t stride = static_cast<std::uint64_t>(customers) * 5 / 8 + 1;
    while (std::gcd(stride, static_cast<std::uint64_t>(customers)) != 1) {
        ++stride;
    }
    return stride;
}

}  // namespace

LiveFacts::LiveFacts(std::uint32_t customers, std::uint64_t seed)
    : customers_(customers), random_(seed), serial_(first_serial()) {}

std::uint32_t LiveFacts::begin_batch(std::uint32_t wanted) {
    now_ms_ = unix_ms();
    return wanted;
}

Fact LiveFacts::next() {
    const std::int64_t late_ms = random_.below(kLateMsMax);
    return {
        random_.below(customers_),
        kAmountMin + random_.below(kAmountSpan),
        serial_++,
        now_ms_ - late_ms
    };
}

PastFacts::PastFacts(std::uint32_t customers, std::uint32_t orders_each, std::uint64_t seed)
    : customers_(customers)
    , orders_each_(orders_each)
    , passes_(orders_each == 0 ? kOrdersMax : orders_each)
    , pass_s_(kPastSeconds / passes_)
    , random_(seed)
    , serial_(first_serial())
    , now_ms_(unix_ms())
    , stride_(stride_for(customers))
    , left_(orders_of_all()) {}

std::uint32_t PastFacts::orders_by(std::uint32_t customer) const {
    if (orders_each_ != 0) {
        return orders_each_;
    }
    Random mixed(customer * 0x9E37'79B9'7F4A'7C15U + 1);
    mixed.next();
    return 1 + mixed.below(kOrdersMax);
}

std::uint64_t PastFacts::orders_of_all() const {
    std::uint64_t orders = 0;
    for (std::uint32_t customer = 0; customer < customers_; ++customer) {
        orders += orders_by(customer);
    }
    return orders;
}

std::uint32_t PastFacts::customer_here() const {
    return static_cast<std::uint32_t>((place_ * stride_ + pass_) % customers_);
}

void PastFacts::step_to_an_order() {
    while (orders_by(customer_here()) <= pass_) {
        if (++place_ == customers_) {
            place_ = 0;
            ++pass_;
        }
    }
}

std::uint32_t PastFacts::begin_batch(std::uint32_t wanted) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, left_));
}

Fact PastFacts::next() {
    step_to_an_order();
    const std::uint32_t customer = customer_here();
    const std::int64_t back_s = (passes_ - 1 - pass_) * pass_s_ + random_.below(pass_s_);
    const std::int64_t at_ms = now_ms_ - back_s * kSecondMs - random_.below(kSecondMs);
    --left_;
    if (++place_ == customers_) {
        place_ = 0;
        ++pass_;
    }
    return {customer, kAmountMin + random_.below(kAmountSpan), serial_++, at_ms};
}

}  // namespace patron::bench
