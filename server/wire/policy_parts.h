#pragma once
// The sections of a policy document, each read into its part of a Policy.
//
// Shapes     `root` is the document's object. What has a mistake keeps its default; the reader
// knows. Order      windows before everything that names features, tiers before service. Threads
// pure.

#include "server/wire/policy_reader.h"

namespace patron::wire {

// name, revision, label, windows_days, horizon_days, grace_days, max_step.
void read_frame(PolicyReader& reader, JsonIndex root, scoring::Policy& policy);

// purchase_model, signals, response_target_hours, risk_bands, lifecycle.
void read_risk(PolicyReader& reader, JsonIndex root, scoring::Policy& policy);

// value_index, rfm.
void read_value(PolicyReader& reader, JsonIndex root, scoring::Policy& policy);

// tiers.
void read_tiers(PolicyReader& reader, JsonIndex root, scoring::Policy& policy);

// service, follow_up, currencies.
void read_service(PolicyReader& reader, JsonIndex root, scoring::Policy& policy);

}  // namespace patron::wire
