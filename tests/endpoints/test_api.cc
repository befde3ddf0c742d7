#include "tests/endpoints/test_api.h"

#include <gtest/gtest.h>

#include "server/endpoints/openapi.h"
#include "server/wire/policy_presets.h"
#include "tests/support/openapi_check.h"

namespace patron::testing {
namespace {

using endpoints::Method;

std::string_view method_name(Method method) {
    switch (method) {
        case Method::Get:
            return "GET";
        case Method::Head:
            return "HEAD";
        case Method::Post:
            return "POST";
        case Method::Put:
            return "PUT";
        case Method::Delete:
            return "DELETE";
        case Method::Options:
            return "OPTIONS";
        case Method::Other:
            return "PATCH";
    }
    return "";
}

std::unique_ptr<store::Store> open_store(
    const store::Clock& clock,
    std::unique_ptr<store::EventLog> log,
    std::unique_ptr<store::DataFolder> folder
) {
    store::StoreOptions options;
    options.policy = wire::default_policy(options.schema);
    options.clock = &clock;
    options.partitions = folder == nullptr ? 3 : 0;
    options.log = std::move(log);
    options.folder = std::move(folder);
    options.threads = 1;
    auto opened = store::Store::open(std::move(options));
    EXPECT_TRUE(opened.has_value());
    return std::move(*opened);
}

class Promise final : public endpoints::Deferral {
  public:
    endpoints::Completion defer() override {
        return [kept = bytes](std::string answer) {
            kept->set_value(std::move(answer));
        };
    }
    void begin_stream(std::shared_ptr<const endpoints::Subscription> begun) override {
        subscription = std::move(begun);
    }
    std::shared_ptr<std::promise<std::string>> bytes =
        std::make_shared<std::promise<std::string>>();
    std::shared_ptr<const endpoints::Subscription> subscription;
};

HttpAnswer checked(const Call& call, std::string_view path, const std::string& bytes) {
    static const OpenApiCheck kCheck(endpoints::openapi_document());
    const bool head = call.method == Method::Head;
    const auto answer = parse_http_answer(bytes, head ? BodyIs::LeftOut : BodyIs::There);
    EXPECT_TRUE(answer.has_value()) << bytes;
    if (!answer || head || call.method == Method::Options) {
        return answer.value_or(HttpAnswer{});
    }
    for (const std::string& error : kCheck.check(method_name(call.method), path, *answer)) {
        ADD_FAILURE() << method_name(call.method) << ' ' << call.target << ": " << error << '\n'
                      << answer->body;
    }
    return *answer;
}

}  // namespace

TestApi::TestApi(endpoints::ApiOptions options)
    : store_(open_store(clock_, store::make_memory_only_log(), nullptr))
    , api_(std::make_unique<endpoints::Api>(*store_, std::move(options))) {}

TestApi::TestApi(std::unique_ptr<store::DataFolder> folder) {
    endpoints::ApiOptions options;
    options.backups_folder = folder->directory() + "/backups";
    store_ = open_store(clock_, nullptr, std::move(folder));
    api_ = std::make_unique<endpoints::Api>(*store_, std::move(options));
}

TestApi::TestApi(std::unique_ptr<store::EventLog> log)
    : store_(open_store(clock_, std::move(log), nullptr))
    , api_(std::make_unique<endpoints::Api>(*store_)) {}

TestApi::~TestApi() {
    store_->stop();
}

namespace {

// Views into the call.
endpoints::Request request_of(const Call& call) {
    const std::size_t mark = std::min(call.target.find('?'), call.target.size());
    endpoints::Request request;
    request.method = call.method;
    request.target = call.target;
    request.path = std::string_view(call.target).substr(0, mark);
    request.query = std::string_view(call.target).substr(std::min(mark + 1, call.target.size()));
    request.body = call.body;
    request.content_type = call.content_type;
    request.if_none_match = call.if_none_match;
    if (call.idempotency_key) {
        request.idempotency_key = *call.idempotency_key;
    }
    if (call.last_event_id) {
        request.last_event_id = *call.last_event_id;
    }
    if (call.websocket) {
        request.wants_websocket = true;
        request.websocket_key = call.websocket->first;
        request.websocket_version = call.websocket->second;
    }
    request.reply.head_only = call.method == Method::Head;
    return request;
}

}  // namespace

std::shared_ptr<const endpoints::Subscription> TestApi::subscribe(const Call& call) {
    const endpoints::Request request = request_of(call);
    Promise promise;
    wire::ByteWriter out;
    const auto handled = api_->handle(request, api_->prepare(request), out, promise);
    EXPECT_EQ(handled, endpoints::Handled::Stream) << out.view();
    EXPECT_EQ(out.size(), 0U) << out.view();
    EXPECT_NE(promise.subscription, nullptr);
    return promise.subscription;
}

std::future<HttpAnswer> TestApi::start(const Call& call) {
    const endpoints::Request request = request_of(call);
    Promise promise;
    wire::ByteWriter out;
    const endpoints::Prepared prepared = api_->prepare(request);
    const endpoints::Handled handled = api_->handle(request, prepared, out, promise);
    EXPECT_NE(handled, endpoints::Handled::Stream) << call.target;
    if (handled != endpoints::Handled::Later) {
        promise.bytes->set_value(std::string(out.view()));
    }
    return std::async(
        std::launch::deferred,
        [call, path = std::string(request.path), bytes = promise.bytes->get_future()]() mutable {
            return checked(call, path, bytes.get());
        }
    );
}

HttpAnswer TestApi::run(const Call& call) {
    return start(call).get();
}

boost::json::value TestApi::ingest(std::string_view events) {
    const HttpAnswer answer = post("/v1/events", "[" + std::string(events) + "]");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return boost::json::parse(answer.body);
}

void TestApi::order(std::string_view customer, std::string_view amount, int days_ago) {
    const std::string id = "o" + std::to_string(++orders_);
    const std::int64_t at = clock_.now().ms - days_ago * scoring::kDayMs;
    boost::json::object event{
        {"type", "order"},
        {"id", id},
        {"order_id", id},
        {"at", at},
        {"amount", std::string(amount)},
        {"customer", std::string(customer)}
    };
    ingest(boost::json::serialize(event));
}

boost::json::object TestApi::get_json(std::string target) {
    const HttpAnswer answer = get(std::move(target));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return body_of(answer);
}

boost::json::object body_of(const HttpAnswer& answer) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(answer.body, error);
    EXPECT_FALSE(error) << answer.body;
    return value.is_object() ? value.get_object() : boost::json::object();
}

std::string code_of(const HttpAnswer& answer) {
    if (answer.header("content-type") != "application/problem+json") {
        return "";
    }
    return text_of(body_of(answer), "code");
}

std::string text_of(const boost::json::object& object, std::string_view member) {
    const boost::json::value* value = object.if_contains(member);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace patron::testing
