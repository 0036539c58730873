#include "padlock/certs/resp.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <new>
#include <utility>

#include "padlock/base/secret.h"
#include "padlock/base/unsafe.h"
#include "padlock/certs/redis_rules.h"

namespace padlock::certs {
namespace {

/// What hiredis builds its reply into: one tree, whose nodes keep their places while it is read.
struct Building {
  RespReply root;
  std::size_t elements = 0, most_elements = 0;
  bool too_many = false;
};

RespReply& place_of(const redisReadTask* task) {
  auto& building = *static_cast<Building*>(task->privdata);
  if (task->parent == nullptr) {
    building.elements = 0;
    return building.root = {};
  }
  auto& parent = *static_cast<RespReply*>(task->parent->obj);
  return parent.elements.at(static_cast<std::size_t>(task->idx));
}

void* make_text(const redisReadTask* task, char* bytes, std::size_t size) {
  RespReply& place = place_of(task);
  place.type = task->type == REDIS_REPLY_ERROR    ? RespReply::Type::error
               : task->type == REDIS_REPLY_STATUS ? RespReply::Type::status
                                                  : RespReply::Type::text;
  place.text.assign(bytes, size);
  return &place;
}

/// Null ends the reading: hiredis takes it for a lack of memory. The type of the count is another in each version.
template <class Count>
void* make_array(const redisReadTask* task, Count count) {
  RespReply& place = place_of(task);
  auto& building = *static_cast<Building*>(task->privdata);
  const auto size = static_cast<std::size_t>(count);
  building.too_many = building.too_many || size > building.most_elements - building.elements;
  if (building.too_many) return nullptr;
  building.elements += size;
  place.type = RespReply::Type::array;
  place.elements.resize(size);
  return &place;
}

void* make_integer(const redisReadTask* task, long long value) {  // NOLINT(google-runtime-int): hiredis' own
  RespReply& place = place_of(task);
  place.type = RespReply::Type::integer;
  place.integer = value;
  return &place;
}

void* make_nil(const redisReadTask* task) {
  RespReply& place = place_of(task);
  place = {};
  return &place;
}

redisReplyObjectFunctions functions() {
  redisReplyObjectFunctions made{};
  made.createString = make_text;
  made.createArray = make_array;
  made.createInteger = make_integer;
  made.createNil = make_nil;
  made.freeObject = [](void*) {};  // the tree is ours
  return made;
}

struct ReaderEnds {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

}  // namespace

struct RespReader::Impl {
  RespLimits limits;
  Building building{};
  redisReplyObjectFunctions made_by = functions();
  std::unique_ptr<redisReader, ReaderEnds> reader{redisReaderCreateWithFunctions(&made_by)};

  std::size_t waiting() const { return reader->len - reader->pos; }
};

RespReader::RespReader(RespLimits limits) : impl_(std::make_unique<Impl>(Impl{limits})) {
  if (!impl_->reader) throw std::bad_alloc();
  impl_->building.most_elements = limits.elements;
  impl_->reader->fn = &impl_->made_by;  // it has moved since
  impl_->reader->privdata = &impl_->building;
}
RespReader::RespReader(RespReader&&) noexcept = default;
RespReader& RespReader::operator=(RespReader&&) noexcept = default;
RespReader::~RespReader() = default;

Result<void> RespReader::feed(Bytes bytes) {
  if (bytes.size() > impl_->limits.bytes - std::min(impl_->waiting(), impl_->limits.bytes))
    return broken(redis_rules::reply_too_large,
                  "a reply is longer than " + std::to_string(impl_->limits.bytes) + " bytes");
  const std::string_view text = as_text(bytes);
  if (redisReaderFeed(impl_->reader.get(), text.data(), text.size()) != REDIS_OK)
    return broken(redis_rules::malformed_reply, std::string("a reply cannot be read: ") + impl_->reader->errstr);
  return {};
}

Result<std::optional<RespReply>> RespReader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(impl_->reader.get(), &reply) != REDIS_OK) {
    if (impl_->building.too_many)
      return broken(redis_rules::reply_too_large,
                    "a reply has more than " + std::to_string(impl_->limits.elements) + " parts");
    return broken(redis_rules::malformed_reply,
                  "a reply cannot be read: " + escaped(std::string_view(impl_->reader->errstr)));
  }
  if (reply == nullptr) return std::optional<RespReply>();
  return std::optional(std::exchange(impl_->building.root, {}));
}

std::vector<std::uint8_t> write_resp_command(std::span<const std::string> arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(arguments.size());
  sizes.reserve(arguments.size());
  for (const std::string& one : arguments) {
    texts.push_back(one.data());
    sizes.push_back(one.size());
  }
  char* made = nullptr;
  const int size = redisFormatCommandArgv(&made, static_cast<int>(arguments.size()), texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // pointer and size are those of what hiredis made
  const std::span<char> all(made, static_cast<std::size_t>(size));
  PADLOCK_UNSAFE_BUFFERS_END
  std::vector<std::uint8_t> bytes(all.begin(), all.end());
  wipe(std::as_writable_bytes(all));  // a password may be in it
  redisFreeCommand(made);
  return bytes;
}

}  // namespace padlock::certs
