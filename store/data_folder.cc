#include "store/data_folder.h"

#include <unistd.h>

#include "store/data_folder_impl.h"

namespace patron::store {

DataFolder::Impl::~Impl() {
    log.reset();
    if (lock >= 0) {
        close(lock);
    }
}

DataFolder::DataFolder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DataFolder::~DataFolder() = default;

FileSystem& DataFolder::files() const {
    return *impl_->files;
}
const std::string& DataFolder::directory() const {
    return impl_->directory;
}
std::string DataFolder::snapshots() const {
    return impl_->directory + "/snapshots";
}
const std::string& DataFolder::identity() const {
    return impl_->identity;
}
std::uint64_t DataFolder::hash_seed() const {
    return impl_->hash_seed;
}
std::size_t DataFolder::partitions() const {
    return impl_->partitions;
}
std::uint32_t DataFolder::policy() const {
    return impl_->policy;
}
std::unique_ptr<EventLog> DataFolder::take_log() {
    return std::move(impl_->log);
}
std::vector<KeptAnswer> DataFolder::take_answers() {
    return std::move(impl_->answers);
}
const std::vector<std::string>& DataFolder::notices() const {
    return impl_->notices;
}

}  // namespace patron::store
