#pragma once
// What a DataFolder holds once it is open.
//
// Owns       the descriptor that locks the folder.
// Threads    as data_folder.h.

#include "store/data_folder.h"

namespace patron::store {

struct DataFolder::Impl {
    FileSystem* files = nullptr;
    std::string directory;
    std::string identity;
    std::uint64_t hash_seed = 0;
    std::size_t partitions = 0;
    std::uint32_t policy = 0;
    std::unique_ptr<EventLog> log;
    std::vector<KeptAnswer> answers;
    std::vector<std::string> notices;
    int lock = -1;

    ~Impl();
};

}  // namespace patron::store
