#pragma once
// What went wrong, for a caller who may act on it: a value, never an exception.
//
// Shapes     Result<T> is std::expected<T, Fault>; a Fault names its kind, the field and, for lists,
//            the index of the item, and says in one sentence what is wrong.
// Errors     one enumerator per kind; server/wire/problem.cc turns each into a status and a stable code.
// Threads    values.

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace patron::store {

enum class FaultCode : std::uint8_t {
    // The request as a message.
    BadRequest,
    BadJson,
    BadUtf8,
    BodyTooLarge,
    HeaderTooLarge,
    UriTooLong,
    UnsupportedMediaType,
    ExpectationFailed,
    MethodNotAllowed,
    UnknownRoute,
    RequestTimeout,
    BadParameter,
    TooManyItems,
    // The content of an event.
    UnknownType,
    MissingField,
    DuplicateField,
    UnknownField,
    WrongType,
    InvalidValue,
    InvalidTime,
    FutureEvent,
    AmountPrecision,
    AmountRange,
    UnknownCurrency,
    IdTooLong,
    InvalidId,
    UnknownTier,
    UnknownOrder,
    RefundExceedsOrder,
    HistoryFull,
    // The state of the server.
    UnknownCustomer,
    PastNotKept,
    TooEarly,
    QueueFull,
    StoreFull,
    NotReady,
    Stopping,
    TooManyConnections,
    PolicyInvalid,
    // Keeping what was accepted.
    DiskFull,       // refused, nothing lost; goes on when there is room
    DiskFailed,     // a write or sync failed; what the file holds is unknown
    NoDescriptors,  // the process may open no more files: nothing was tried, nothing lost
    WritesStopped,  // the log failed earlier: no write any more until a restart
    DataDamaged,    // bytes on the disk are not what was written
    DataFolder,     // the folder is in use, foreign, or does not fit the options
    NoDataFolder,   // asked to keep something where nothing is kept
    KeyInFlight,
    KeyReused,
    NameTaken,
    // The stream.
    TooManyStreams,        // this server has as many as it may
    TooManyClientStreams,  // this client has
    WebSocketVersion,      // not version 13
};

inline constexpr std::int64_t kNoIndex = -1;

struct Fault {
    FaultCode code = FaultCode::BadRequest;
    std::string detail;
    std::string field;
    std::int64_t index = kNoIndex;
};

template <class T>
using Result = std::expected<T, Fault>;

inline std::unexpected<Fault> fail(
    FaultCode code, std::string detail, std::string field = {}, std::int64_t index = kNoIndex
) {
    return std::unexpected(Fault{code, std::move(detail), std::move(field), index});
}

}  // namespace patron::store
