#include "server/net/stream_limits.h"

#include <string>
#include <string_view>

namespace patron::net {

StreamPlace::~StreamPlace() {
    if (limits_ != nullptr) {
        limits_->release(client_);
    }
}

std::size_t StreamLimits::Hash::operator()(const StreamPlace::Client& client) const {
    return std::hash<std::string_view>{
    }({reinterpret_cast<const char*>(client.data()), client.size()});
}

store::Result<StreamPlace> StreamLimits::admit(const boost::asio::ip::address& peer) {
    namespace ip = boost::asio::ip;
    const StreamPlace::Client client =
        peer.is_v4() ? ip::make_address_v6(ip::v4_mapped, peer.to_v4()).to_bytes()
                     : peer.to_v6().to_bytes();
    const std::lock_guard lock(mutex_);
    if (streams_ >= streams_max_) {
        return store::fail(
            store::FaultCode::TooManyStreams,
            "this server has as many streams as it takes, " + std::to_string(streams_max_)
        );
    }
    const auto found = by_client_.find(client);
    if (found != by_client_.end() ? found->second >= per_client_max_ : per_client_max_ == 0) {
        return store::fail(
            store::FaultCode::TooManyClientStreams,
            "this client has as many streams as one may, " + std::to_string(per_client_max_)
        );
    }
    ++by_client_[client];
    ++streams_;
    return StreamPlace(*this, client);
}

void StreamLimits::release(const StreamPlace::Client& client) {
    const std::lock_guard lock(mutex_);
    --streams_;
    const auto found = by_client_.find(client);
    if (--found->second == 0) {
        by_client_.erase(found);
    }
}

}  // namespace patron::net
