#pragma once
// The values of a score as JSON, the same wherever one is told.
//
// Shapes     every function writes at `at` and answers the end of what it wrote.
// Units      instants RFC 3339, probabilities with five decimals, points with two. Unknown (NaN), kNever
//            and kLongAgo, and the band of nobody's purchase, are null.
// Range      room for what is written: digits.h, and a word's own length and its quotes.
// Threads    pure.

#include <cmath>
#include <string_view>

#include "scoring/policy.h"
#include "server/wire/digits.h"

namespace patron::wire {

inline char* put_time(char* at, scoring::Instant t) {
    if (t == scoring::kNever || t == scoring::kLongAgo) {
        return put(at, "null");
    }
    *at++ = '"';
    at = put_instant(at, t);
    *at++ = '"';
    return at;
}

inline char* put_probability(char* at, double value) {
    return std::isnan(value) ? put(at, "null") : put_fixed5(at, value);
}

inline char* put_points(char* at, double value) {
    return std::isnan(value) ? put(at, "null") : put_fixed2(at, value);
}

// A word that needs no escape.
inline char* put_word(char* at, std::string_view word) {
    *at++ = '"';
    at = put(at, word);
    *at++ = '"';
    return at;
}

inline char* put_band(char* at, scoring::Band band) {
    return band == scoring::Band::None ? put(at, "null") : put_word(at, scoring::band_name(band));
}

}  // namespace patron::wire
