#include "server/net/chunked_body.h"

#include <algorithm>
#include <cstring>

namespace patron::net {

namespace {

constexpr unsigned kSizeDigitsMax = 8;

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

ChunkedBody::State ChunkedBody::decode(const char*& raw, const char* end, char*& to) {
    while (raw != end && at_ != At::Done) {
        if (at_ == At::Data) {
            take_data(raw, end, to);
            continue;
        }
        if (!take_syntax(*raw)) {
            return State::Bad;
        }
        ++raw;
        if (at_ == At::Data) {
            if (chunk_left_ > room_) {
                return State::TooLarge;
            }
            room_ -= chunk_left_;
        }
    }
    return at_ == At::Done ? State::Complete : State::NeedMore;
}

void ChunkedBody::take_data(const char*& raw, const char* end, char*& to) {
    const std::size_t n = std::min(chunk_left_, static_cast<std::size_t>(end - raw));
    std::memmove(to, raw, n);
    raw += n;
    to += n;
    chunk_left_ -= n;
    if (chunk_left_ == 0) {
        at_ = At::DataCr;
    }
}

bool ChunkedBody::take_size_digit(char c) {
    const int value = hex_value(c);
    if (value < 0 || ++digits_ > kSizeDigitsMax) {
        return false;
    }
    chunk_left_ = chunk_left_ * 16 + static_cast<std::size_t>(value);
    at_ = At::Size;
    return true;
}

bool ChunkedBody::take_syntax(char c) {
    const auto expect = [this, c](char wanted, At next) {
        at_ = next;
        return c == wanted;
    };
    switch (at_) {
        case At::SizeFirst:
            digits_ = 0;
            chunk_left_ = 0;
            return take_size_digit(c);
        case At::Size:
            return c == '\r' ? expect('\r', At::SizeLf) : take_size_digit(c);
        case At::SizeLf:
            return expect('\n', chunk_left_ == 0 ? At::LastCr : At::Data);
        case At::DataCr:
            return expect('\r', At::DataLf);
        case At::DataLf:
            return expect('\n', At::SizeFirst);
        case At::LastCr:
            return expect('\r', At::LastLf);
        case At::LastLf:
            return expect('\n', At::Done);
        case At::Data:
        case At::Done:
            break;
    }
    return false;
}

}  // namespace patron::net
