#include <cstdint>
#include <utility>

#include "scoring/policy_lint.h"
#include "server/wire/policy_parts.h"

namespace patron::wire {
namespace {

template <class Integer>
void integer_into(PolicyReader& reader, JsonIndex at, Integer& out) {
    const auto value = reader.integer(at);
    if (!value) {
        return;
    }
    if (!std::in_range<Integer>(*value)) {
        reader.mistake(at, "is out of range");
        return;
    }
    out = static_cast<Integer>(*value);
}

void read_windows(PolicyReader& reader, JsonIndex root, std::vector<int>& windows) {
    const auto at = reader.required(root, "windows_days");
    if (!at || !reader.list(*at, 1, scoring::kPolicyWindowsMax)) {
        return;
    }
    windows.clear();
    for (const JsonIndex child : reader.tree()[*at].children) {
        int days = 0;
        integer_into(reader, child, days);
        windows.push_back(days);
    }
}

}  // namespace

void read_frame(PolicyReader& reader, JsonIndex root, scoring::Policy& policy) {
    reader.string_into(root, "name", policy.name);
    if (const auto revision = reader.tree().member(root, "revision")) {
        integer_into(reader, *revision, policy.revision);
    }
    if (const auto label = reader.tree().member(root, "label")) {
        reader.label_into(*label, policy.label);
    }
    read_windows(reader, root, policy.window_days);
    reader.number_into(root, "horizon_days", policy.horizon_days);
    reader.number_into(root, "grace_days", policy.grace_days);
    if (const auto step = reader.required(root, "max_step")) {
        integer_into(reader, *step, policy.max_step);
    }
}

}  // namespace patron::wire
