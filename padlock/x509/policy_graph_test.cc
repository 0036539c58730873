#include "padlock/x509/policy_graph.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "padlock/x509/limits.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;
using Oids = std::vector<der::Oid>;

constexpr der::Oid any = der::oid::anyPolicy;
constexpr der::Oid a = der::make_oid("1.2.3.1");
constexpr der::Oid b = der::make_oid("1.2.3.2");
constexpr der::Oid c = der::make_oid("1.2.3.3");

/// A path of certificates that say nothing but this about policies; names differ, so that none is self-issued.
std::vector<std::shared_ptr<const Certificate>> path_of(const std::vector<Policies>& root_last) {
  std::vector<std::shared_ptr<const Certificate>> path;
  for (std::size_t depth = 0; depth < root_last.size(); ++depth) {
    auto certificate = std::make_shared<Certificate>();
    certificate->subject.der = name("certificate " + std::to_string(depth));
    certificate->issuer.der = name("certificate " + std::to_string(depth + 1));
    certificate->policies = root_last[depth];
    path.push_back(std::move(certificate));
  }
  return path;
}

std::string judged(const std::vector<Policies>& root_last, const PolicyDemand& demand) {
  Budget budget;
  const auto fault = check_policies(path_of(root_last), demand, budget);
  return fault ? std::string(fault->error.rule->code) : "good";
}

Policies saying(const Oids& policies, const std::vector<PolicyMapping>& mappings = {}) {
  return {.certificate_policies = policies, .mappings = mappings};
}

const PolicyDemand explicitly{.explicit_policy = true};
const std::string none(rules::no_valid_policy.code);

PolicyDemand wanting(const Oids& acceptable) { return {.acceptable = acceptable, .explicit_policy = true}; }

TEST(Policies, DoNotCountUnlessSomebodyDemandsThem) {
  EXPECT_EQ(judged({{}, {}, {}}, {}), "good");
  EXPECT_EQ(judged({saying({a}), saying({b}), {}}, {}), "good");
  EXPECT_EQ(judged({saying({a}), saying({b}), {}}, {.acceptable = {c}}), "good") << "not demanded";
  EXPECT_EQ(judged({saying({a}), saying({b}), {}}, explicitly), none);
  EXPECT_EQ(judged({{}, {}}, explicitly), none);
  EXPECT_EQ(judged({{}}, explicitly), "good") << "a trusted leaf alone has no path";
}

TEST(Policies, HoldAlongTheWholePath) {
  EXPECT_EQ(judged({saying({a}), saying({a, b}), {}}, explicitly), "good");
  EXPECT_EQ(judged({saying({a}), saying({a, b}), {}}, wanting({a})), "good");
  EXPECT_EQ(judged({saying({a}), saying({a, b}), {}}, wanting({b})), none);
  EXPECT_EQ(judged({saying({a}), saying({any}), {}}, wanting({a})), "good") << "anyPolicy above holds each";
  EXPECT_EQ(judged({saying({any}), saying({a}), {}}, wanting({a})), "good") << "anyPolicy below keeps what is above";
  EXPECT_EQ(judged({saying({any}), saying({a}), {}}, wanting({b})), none);
  EXPECT_EQ(judged({saying({any}), saying({any}), {}}, wanting({b})), "good");
  EXPECT_EQ(judged({saying({a}), {}, {}}, wanting({a})), none) << "a CA without policies ends them";
}

TEST(Policies, OfTheAnchorDoNotCount) {
  EXPECT_EQ(judged({saying({a}), saying({a}), saying({b})}, wanting({a})), "good");
  EXPECT_EQ(judged({{}, {}, {.require_explicit_policy = 0}}, {}), "good");
}

TEST(Policies, AreDemandedByCasAbove) {
  Policies demanding = saying({a});
  demanding.require_explicit_policy = 0;
  EXPECT_EQ(judged({saying({a}), demanding, {}}, {}), "good");
  EXPECT_EQ(judged({saying({b}), demanding, {}}, {}), none);
  EXPECT_EQ(judged({{}, demanding, {}}, {}), none);
  demanding.require_explicit_policy = 1;
  EXPECT_EQ(judged({{}, demanding, {}}, {}), none) << "the leaf is the first that follows";
  demanding.require_explicit_policy = 2;
  EXPECT_EQ(judged({{}, demanding, {}}, {}), "good") << "the path ends before";
  EXPECT_EQ(judged({{.require_explicit_policy = 0}, {}, {}}, {}), none) << "a leaf may demand it of itself";
}

TEST(Policies, AreMappedFromDomainToDomain) {
  EXPECT_EQ(judged({saying({b}), saying({a}, {{a, b}}), {}}, wanting({a})), "good");
  EXPECT_EQ(judged({saying({b}), saying({a}, {{a, b}}), {}}, wanting({b})), none) << "the user knows the first name";
  EXPECT_EQ(judged({saying({a}), saying({a}, {{a, b}}), {}}, wanting({a})), none) << "its old name ends";
  EXPECT_EQ(judged({saying({c}), saying({a}, {{a, b}, {a, c}}), {}}, wanting({a})), "good");
  EXPECT_EQ(judged({saying({b}), saying({a}, {{a, b}, {a, c}, {a, b}}), {}}, wanting({a})), "good");
  EXPECT_EQ(judged({saying({c}), saying({a}, {{a, b}, {a, c}, {a, b}}), {}}, wanting({a})), "good");
  EXPECT_EQ(judged({saying({b}), saying({any}, {{a, b}}), {}}, wanting({a})), "good") << "what anyPolicy stands for";
  EXPECT_EQ(judged({saying({c}), saying({b}, {{b, c}}), saying({a}, {{a, b}}), {}}, wanting({a})), "good");
}

TEST(Policies, AreNotMappedWhereThatIsInhibited) {
  const std::vector<Policies> mapped{saying({b}), saying({a}, {{a, b}}), {}};
  EXPECT_EQ(judged(mapped, {.explicit_policy = true, .inhibit_policy_mapping = true}), none);
  std::vector<Policies> inhibited{saying({b}), saying({a}, {{a, b}}), saying({a}), {}};
  EXPECT_EQ(judged(inhibited, wanting({a})), "good");
  inhibited[2].inhibit_policy_mapping = 0;
  EXPECT_EQ(judged(inhibited, wanting({a})), none);
}

TEST(Policies, AnyStandsForNoneWhereItIsInhibited) {
  std::vector<Policies> path{saying({any}), saying({a}), {}};
  EXPECT_EQ(judged(path, {.explicit_policy = true, .inhibit_any_policy = true}), none);
  path[1].inhibit_any_policy = 0;
  EXPECT_EQ(judged(path, explicitly), none);
  path[1].inhibit_any_policy = 1;
  EXPECT_EQ(judged(path, explicitly), "good") << "one certificate may still hold it";
}

TEST(Policies, AnyIsNeverMapped) {
  const std::string refused(rules::policy_mapping_of_any.code);
  EXPECT_EQ(judged({{}, {.mappings = {{any, a}}}, {}}, {}), refused);
  EXPECT_EQ(judged({{}, {.mappings = {{a, any}}}, {}}, {}), refused);
  EXPECT_EQ(judged({{.mappings = {{a, any}}}, {}, {}}, {}), "good") << "a leaf maps for nobody";
}

// docs/threats.md, X3: each CA maps each policy to each other one, which makes a tree of 2^depth branches.
TEST(Policies, ThatDoubleAtEachStepStayWithinTheBudget) {
  std::vector<Policies> path{saying({a})};
  for (std::size_t depth = 0; depth < max_path_depth; ++depth)
    path.push_back(saying({a, b}, {{a, a}, {a, b}, {b, a}, {b, b}}));
  path.emplace_back();
  EXPECT_EQ(judged(path, explicitly), "good");
}

TEST(Policies, OfWhichThereAreTooManyEndTheVerification) {
  const auto numbered = [](std::size_t count) {
    Oids policies;
    policies.reserve(count);
    for (std::size_t i = 0; i < count; ++i) policies.push_back(*der::Oid::from_text("1.2.4." + std::to_string(i)));
    return policies;
  };
  const auto judged_with = [&](std::size_t at_leaf, std::size_t above) {
    return judged({saying(numbered(at_leaf)), saying(numbered(above)), {}}, explicitly);
  };
  // A node and an edge for each policy of each certificate.
  EXPECT_EQ(judged_with(max_policy_nodes / 4, max_policy_nodes / 4), "good");
  EXPECT_EQ(judged_with(max_policy_nodes / 4, max_policy_nodes / 4 + 1), rules::policy_budget_exceeded.code);
}

// Against a model: the tree of RFC 5280, section 6.1, with no thought of its size, over four policies.

struct TreeNode {
  der::Oid policy;
  std::set<der::Oid> expected;
  std::vector<TreeNode> children;
};

/// Calls `visit` for each node at `depth` below this one.
void at_depth(TreeNode& node, std::size_t depth, const auto& visit) {
  if (depth == 0) return visit(node);
  for (TreeNode& child : node.children) at_depth(child, depth - 1, visit);
}
/// Removes branches that do not reach `depth`; true if this one does.
bool prune(TreeNode& node, std::size_t depth) {
  if (depth == 0) return true;
  std::erase_if(node.children, [depth](TreeNode& child) { return !prune(child, depth - 1); });
  return !node.children.empty();
}

class PolicyTree {
 public:
  std::optional<TreeNode> root = TreeNode{any, {any}, {}};

  /// Section 6.1.3 (d) and (e).
  void add(const std::optional<Oids>& policies, std::size_t i, bool any_counts) {
    if (!policies) root.reset();
    if (!root) return;
    for (const der::Oid& policy : *policies) {
      if (policy != any) add_policy(policy, i);
    }
    if (any_counts && std::ranges::find(*policies, any) != policies->end()) {
      at_depth(*root, i - 1, [](TreeNode& node) {
        for (const der::Oid& expected : node.expected) {
          const bool there = std::ranges::find(node.children, expected, &TreeNode::policy) != node.children.end();
          if (!there) node.children.push_back({expected, {expected}, {}});
        }
      });
    }
    cut(i);
  }

  /// Section 6.1.4 (b).
  void map(const std::vector<PolicyMapping>& mappings, std::size_t i, bool allowed) {
    if (!root) return;
    std::set<der::Oid> mapped;
    for (const PolicyMapping& one : mappings) mapped.insert(one.issuer_domain_policy);
    for (const der::Oid& policy : mapped) {
      std::set<der::Oid> subjects;
      for (const PolicyMapping& one : mappings) {
        if (one.issuer_domain_policy == policy) subjects.insert(one.subject_domain_policy);
      }
      if (allowed) expect(policy, subjects, i);
      if (!allowed) remove(policy, i);
    }
  }

  /// Section 6.1.5 (g): does a policy that the user takes reach the end?
  bool acceptable(const Oids& wanted, std::size_t depth) {
    if (!root) return false;
    if (wanted.empty()) return true;
    bool found = false;
    const auto takes = [&](const der::Oid& policy) { return std::ranges::find(wanted, policy) != wanted.end(); };
    for (std::size_t i = 0; i < depth; ++i) {
      at_depth(*root, i, [&](const TreeNode& node) {
        if (node.policy != any) return;
        for (const TreeNode& child : node.children)
          found = found || takes(child.policy) || (child.policy == any && i + 1 == depth);
      });
    }
    return found;
  }

 private:
  void cut(std::size_t depth) {
    if (!prune(*root, depth)) root.reset();
  }
  void add_policy(const der::Oid& policy, std::size_t i) {
    bool matched = false;
    at_depth(*root, i - 1, [&](TreeNode& node) {
      if (!node.expected.contains(policy)) return;
      node.children.push_back({policy, {policy}, {}});
      matched = true;
    });
    if (matched) return;
    at_depth(*root, i - 1, [&](TreeNode& node) {
      if (node.policy == any) node.children.push_back({policy, {policy}, {}});
    });
  }
  void expect(const der::Oid& policy, const std::set<der::Oid>& subjects, std::size_t i) {
    bool matched = false;
    bool has_any = false;
    at_depth(*root, i, [&](TreeNode& node) {
      has_any = has_any || node.policy == any;
      if (node.policy != policy) return;
      node.expected = subjects;
      matched = true;
    });
    if (matched || !has_any) return;
    at_depth(*root, i - 1, [&](TreeNode& node) {
      if (node.policy == any) node.children.push_back({policy, subjects, {}});
    });
  }
  void remove(const der::Oid& policy, std::size_t i) {
    if (!root) return;
    at_depth(*root, i - 1, [&](TreeNode& node) {
      std::erase_if(node.children, [&policy](const TreeNode& child) { return child.policy == policy; });
    });
    cut(i);
  }
};

bool model_accepts(const std::vector<Policies>& root_last, const PolicyDemand& demand) {
  const std::size_t n = root_last.size() - 1;
  PolicyTree tree;
  std::size_t explicit_policy = demand.explicit_policy ? 0 : n + 1;
  std::size_t inhibit_any = demand.inhibit_any_policy ? 0 : n + 1;
  std::size_t mapping = demand.inhibit_policy_mapping ? 0 : n + 1;
  for (std::size_t i = 1; i <= n; ++i) {
    const Policies& says = root_last[n - i];
    tree.add(says.certificate_policies, i, inhibit_any > 0);
    if (explicit_policy == 0 && !tree.root) return false;
    if (i == n) {
      explicit_policy -= explicit_policy > 0 ? 1 : 0;
      if (says.require_explicit_policy == 0U) explicit_policy = 0;
      break;
    }
    tree.map(says.mappings, i, mapping > 0);
    for (std::size_t* const left : {&explicit_policy, &inhibit_any, &mapping}) *left -= *left > 0 ? 1 : 0;
    explicit_policy = std::min<std::size_t>(explicit_policy, says.require_explicit_policy.value_or(99));
    mapping = std::min<std::size_t>(mapping, says.inhibit_policy_mapping.value_or(99));
    inhibit_any = std::min<std::size_t>(inhibit_any, says.inhibit_any_policy.value_or(99));
  }
  return explicit_policy > 0 || tree.acceptable(demand.acceptable, n);
}

Oids some_of(const Oids& policies) {
  Oids chosen;
  for (const der::Oid& policy : policies) {
    if (*rc::gen::arbitrary<bool>()) chosen.push_back(policy);
  }
  return chosen;
}
rc::Gen<std::optional<std::uint32_t>> sometimes_a_number() {
  return rc::gen::weightedOneOf<std::optional<std::uint32_t>>(
      {{3, rc::gen::just(std::optional<std::uint32_t>())},
       {1, rc::gen::map(rc::gen::inRange<std::uint32_t>(0, 3), [](std::uint32_t n) { return std::optional(n); })}});
}

Policies some_policies() {
  Policies policies;
  if (*rc::gen::weightedElement<bool>({{9, true}, {1, false}})) policies.certificate_policies = some_of({a, b, c, any});
  for (const der::Oid& from : some_of({a, b, c})) {
    if (!*rc::gen::arbitrary<bool>()) continue;
    for (const der::Oid& to : some_of({a, b, c})) policies.mappings.push_back({from, to});
  }
  policies.require_explicit_policy = *sometimes_a_number();
  policies.inhibit_policy_mapping = *sometimes_a_number();
  policies.inhibit_any_policy = *sometimes_a_number();
  return policies;
}

RC_GTEST_PROP(PolicyGraph, SaysWhatTheTreeOfRfc5280Says, ()) {
  std::vector<Policies> root_last;
  const auto below_anchor = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < below_anchor; ++i) root_last.push_back(some_policies());
  root_last.emplace_back();
  const PolicyDemand demand{some_of({a, b}), *rc::gen::weightedElement<bool>({{3, true}, {1, false}}),
                            *rc::gen::weightedElement<bool>({{1, true}, {4, false}}),
                            *rc::gen::weightedElement<bool>({{1, true}, {4, false}})};
  const bool accepted = judged(root_last, demand) == "good";
  RC_CLASSIFY(accepted);
  RC_ASSERT(accepted == model_accepts(root_last, demand));
}

}  // namespace
}  // namespace padlock::x509
