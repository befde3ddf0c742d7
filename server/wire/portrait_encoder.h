#pragma once
// Everything about one customer as JSON: score, features, signals, attributes, expectations.
//
// Shapes     features by their names, absent when unknown; signals by their names, null when
//            unknown; attributes only those known.
// Units      money as decimals of the base currency, other numbers with at most five decimals,
//            expected_purchases and purchase_probability over the policy's horizon.
// Range      the answer holds a portrait.
// Choices    T_days is the age that the purchase models see; need_type goes by the kinds of the
//            orders: null while none says its kind; an average between two minor units is rounded
//            half to even.
// Errors     none.
// Threads    pure.

#include <string_view>

#include "server/wire/byte_writer.h"
#include "server/wire/policy_texts.h"
#include "store/reading.h"

namespace patron::wire {

void append_portrait(
    ByteWriter& out,
    const PolicyTexts& texts,
    std::string_view id,
    const store::CustomerAnswer& answer
);

// At most five decimals, no zeros at the end: "8.5", "3", "-0.33333".
void append_number(ByteWriter& out, double value);

}  // namespace patron::wire
