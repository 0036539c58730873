#pragma once

#include <algorithm>
#include <memory>
#include <memory_resource>
#include <utility>
#include <vector>

namespace padlock::tls {

/// A list out of a message. A handshake gives its arena for the lists of a hello, so that they cost no allocation each;
/// they must not outlive it.
template <class Element>
using List = std::pmr::vector<Element>;
using Arena = std::pmr::memory_resource*;

template <class Element>
List<Element> list_of(const std::vector<Element>& elements, Arena arena = std::pmr::get_default_resource()) {
  return {elements.begin(), elements.end(), arena};
}

/// A value in the arena that goes from state to state.
template <class Value>
std::shared_ptr<const Value> keep(Value&& value, Arena arena) {
  return std::allocate_shared<Value>(std::pmr::polymorphic_allocator<Value>(arena), std::forward<Value>(value));
}

/// True if a list names the value.
template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace padlock::tls
