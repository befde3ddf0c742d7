#pragma once
// A handler with every way to answer, for tests of the server around it.
//
// Shapes     /echo: the body. /q: the query. /big: as many bytes as the query says. /later: the
// query,
//            from another thread. /hold: the query, when the test says so. /drop: never. Anything
//            else: ok.
// Threads    as endpoints::Handler; `wait_held`, `release_held` and `drop_held` from the test.

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "server/endpoints/request.h"

namespace patron::net {

inline std::string whole_answer(wire::ReplyOptions options, std::string_view body) {
    wire::ByteWriter out;
    wire::HttpReply reply(out, options);
    reply.begin(200, "text/plain");
    reply.body().append(body);
    reply.finish();
    return std::string(out.view());
}

class SampleHandler final : public endpoints::Handler {
  public:
    SampleHandler() : worker_([this] { work(); }) {}
    ~SampleHandler() override {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        changed_.notify_all();
        worker_.join();
    }

    endpoints::Prepared prepare(const endpoints::Request& request) override {
        return {.id_hash = request.target.size(), .route = 1};
    }

    endpoints::Handled handle(
        const endpoints::Request& request,
        endpoints::Prepared prepared,
        wire::ByteWriter& out,
        endpoints::Deferral& deferral
    ) override {
        if (prepared.id_hash != request.target.size()) {
            std::abort();  // prepared for another request
        }
        if (request.path == "/drop") {
            deferral.defer();
            return endpoints::Handled::Later;
        }
        if (request.path == "/later" || request.path == "/hold") {
            keep(request, deferral);
            return endpoints::Handled::Later;
        }
        if (request.path == "/big") {
            const std::size_t n = std::strtoul(std::string(request.query).c_str(), nullptr, 10);
            out.append(whole_answer(request.reply, std::string(n, 'x')));
            return endpoints::Handled::Now;
        }
        const std::string_view body = request.path == "/echo" ? request.body
                                      : request.path == "/q"  ? request.query
                                                              : "ok";
        wire::HttpReply reply(out, request.reply);
        reply.begin(200, "text/plain");
        reply.body().append(body);
        reply.finish();
        return endpoints::Handled::Now;
    }

    void wait_held(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return held_.size() >= count; });
    }
    void release_held() {
        for (auto& [completion, answer] : take_held()) {
            completion(std::move(answer));
        }
    }
    void drop_held() { take_held(); }

  private:
    using Pending = std::pair<endpoints::Completion, std::string>;

    void keep(const endpoints::Request& request, endpoints::Deferral& deferral) {
        Pending pending{deferral.defer(), whole_answer(request.reply, request.query)};
        {
            const std::lock_guard lock(mutex_);
            (request.path == "/later" ? later_ : held_).push_back(std::move(pending));
        }
        changed_.notify_all();
    }

    std::deque<Pending> take_held() {
        const std::lock_guard lock(mutex_);
        return std::exchange(held_, {});
    }

    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return done_ || !later_.empty(); });
            if (later_.empty()) {
                return;
            }
            Pending pending = std::move(later_.front());
            later_.pop_front();
            lock.unlock();
            pending.first(std::move(pending.second));
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Pending> later_;
    std::deque<Pending> held_;
    bool done_ = false;
    std::thread worker_;
};

}  // namespace patron::net
