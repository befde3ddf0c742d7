#pragma once
// The body of a batch read: which customers, and which members of their scores.
//
// Shapes     {"ids": [string, ...], "fields"?: [name, ...]}; nothing else. Ids in order, repeats
//            allowed.
// Range      at most limits::kIdsPerRequestMax ids. An id that no customer can have is simply
//            unknown.
// Errors     BadJson, BadUtf8 with the byte offset; MissingField, DuplicateField, UnknownField,
//            WrongType, InvalidValue (a field that no score has), TooManyItems; the index is that
//            of the item in its list.
// Owns       the parser and its buffers; `ids` are views that live until the next call.
// Threads    one decoder per thread.

#include <memory>
#include <string_view>
#include <vector>

#include "server/wire/score_encoder.h"
#include "store/result.h"

namespace patron::wire {

struct IdList {
    std::vector<std::string_view> ids;
    ScoreMembers members = kAllScoreMembers;
};

class IdListDecoder {
  public:
    IdListDecoder();
    ~IdListDecoder();
    IdListDecoder(IdListDecoder&&) noexcept;
    IdListDecoder& operator=(IdListDecoder&&) noexcept;

    store::Result<IdList> decode(std::string_view body);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace patron::wire
