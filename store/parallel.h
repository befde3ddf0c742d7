#pragma once
// The one door to oneTBB: run a task for every partition, on a fixed number of threads.
//
// Blocking   `for_each` returns when all tasks are done; the caller's thread takes part.
// Errors     tasks do not throw.
// Threads    one caller at a time. PATRON_PARALLEL_THREADS replaces oneTBB, whose queues a thread
//            sanitizer cannot follow, by plain threads of the same shape.

#include <cstddef>
#include <functional>
#include <memory>

namespace patron::store {

class Parallel {
  public:
    explicit Parallel(std::size_t threads);  // 0: one per core
    ~Parallel();

    std::size_t threads() const { return threads_; }
    void for_each(std::size_t count, const std::function<void(std::size_t)>& task);

  private:
    class Pool;
    std::size_t threads_;
    std::unique_ptr<Pool> pool_;
};

}  // namespace patron::store
