#include "store/parallel.h"

#include <algorithm>
#include <thread>

#ifdef PATRON_PARALLEL_THREADS
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>
#else
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#endif

namespace patron::store {

#ifdef PATRON_PARALLEL_THREADS

class Parallel::Pool {
  public:
    explicit Pool(std::size_t threads) {
        for (std::size_t i = 1; i < threads; ++i) {
            helpers_.emplace_back([this](const std::stop_token& stop) { help(stop); });
        }
    }
    ~Pool() {
        for (auto& helper : helpers_) {
            helper.request_stop();
        }
        wake_.notify_all();
    }

    void run(std::size_t count, const std::function<void(std::size_t)>& task) {
        {
            const std::scoped_lock lock(mutex_);
            task_ = &task;
            count_ = count;
            next_ = 0;
            left_ = count;
            ++round_;
        }
        wake_.notify_all();
        work();
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return left_ == 0; });
        task_ = nullptr;
    }

  private:
    void help(const std::stop_token& stop) {
        std::size_t seen = 0;
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                if (!wake_.wait(lock, stop, [&] { return round_ != seen; })) {
                    return;
                }
                seen = round_;
            }
            work();
        }
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (task_ != nullptr && next_ < count_) {
            const std::size_t mine = next_++;
            const auto* task = task_;
            lock.unlock();
            (*task)(mine);
            lock.lock();
            if (--left_ == 0) {
                done_.notify_all();
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::condition_variable done_;
    const std::function<void(std::size_t)>* task_ = nullptr;
    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::size_t left_ = 0;
    std::size_t round_ = 0;
    std::vector<std::jthread> helpers_;  // last: they end before what they use
};

#else

class Parallel::Pool {
  public:
    explicit Pool(std::size_t threads) : arena_(static_cast<int>(threads)) {}

    void run(std::size_t count, const std::function<void(std::size_t)>& task) {
        arena_.execute([&] {
            oneapi::tbb::parallel_for(
                oneapi::tbb::blocked_range<std::size_t>(0, count, 1),
                [&](const oneapi::tbb::blocked_range<std::size_t>& range) {
                    for (std::size_t i = range.begin(); i != range.end(); ++i) {
                        task(i);
                    }
                }
            );
        });
    }

  private:
    oneapi::tbb::task_arena arena_;
};

#endif

Parallel::Parallel(std::size_t threads)
    : threads_(threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency()))
    , pool_(std::make_unique<Pool>(threads_)) {}

Parallel::~Parallel() = default;

void Parallel::for_each(std::size_t count, const std::function<void(std::size_t)>& task) {
    if (threads_ == 1 || count == 1) {
        for (std::size_t i = 0; i < count; ++i) {
            task(i);
        }
        return;
    }
    pool_->run(count, task);
}

}  // namespace patron::store
