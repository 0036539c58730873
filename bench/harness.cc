#include "bench/harness.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>

#include "bench/allocations.h"

namespace padlock::bench {
namespace {

constexpr double round_ns = 8e6;  // of CPU time a contender and round; short, so that a change of clock hits all alike

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double batch_ns(const Contender& contender) {
  if (contender.prepare) contender.prepare();
  const double before = cpu_ns();
  contender.run();
  return cpu_ns() - before;
}

/// Nanoseconds an operation, over batches that take a round together.
double round_of(const Contender& contender) {
  double spent = 0;
  std::size_t operations = 0;
  while (spent < round_ns) {
    spent += batch_ns(contender);
    operations += contender.batch;
  }
  return spent / static_cast<double>(operations);
}

struct Figures {
  double best = 0;
  double median = 0;
  double allocations = 0;
  double allocations_library = 0;
};

Figures figures_of(const Contender& contender, std::vector<double> rounds) {
  std::ranges::sort(rounds);
  if (contender.prepare) contender.prepare();
  const Allocations before = allocations();
  contender.run();
  const Allocations after = allocations();
  const auto batch = static_cast<double>(contender.batch);
  return {rounds.front(), rounds.at(rounds.size() / 2), static_cast<double>(after.own - before.own) / batch,
          static_cast<double>(after.library - before.library) / batch};
}

std::vector<Figures> measure(const std::vector<Contender>& contenders, std::size_t rounds) {
  std::vector<std::vector<double>> times(contenders.size());
  for (const Contender& contender : contenders) batch_ns(contender);  // warm
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < contenders.size(); ++i) times[i].push_back(round_of(contenders[i]));
  std::vector<Figures> figures;
  for (std::size_t i = 0; i < contenders.size(); ++i) figures.push_back(figures_of(contenders[i], times[i]));
  return figures;
}

/// Our best over the best of the others; 1 for a case without peers.
double ratio(const std::vector<Figures>& figures) {
  if (figures.size() < 2) return 1;
  const auto best = std::ranges::min_element(figures.begin() + 1, figures.end(), {}, &Figures::best);
  return figures.front().best / best->best;
}

void print_row(const Case& one, const Contender& contender, const Figures& row, std::optional<double> ratio_shown) {
  std::printf("%-34s %-10s %12.1f %12.1f %7s %8.2f %8.2f\n", one.name.c_str(), contender.peer.c_str(), row.best,
              row.median, ratio_shown ? std::to_string(*ratio_shown).substr(0, 5).c_str() : "", row.allocations,
              row.allocations_library);
}

void write_json(std::ostream& out, const Case& one, const Contender& contender, const Figures& row) {
  out << R"({"case":")" << one.name << R"(","peer":")" << contender.peer << R"(","cpu_ns":)" << row.best
      << R"(,"cpu_ns_median":)" << row.median << R"(,"allocations":)" << row.allocations << R"(,"allocations_library":)"
      << row.allocations_library << "}\n";
}

std::optional<Options> parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size()) return std::nullopt;
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--json") {
      options.json_file = value;
    } else if (arguments[i] == "--only") {
      options.only = value;
    } else if (arguments[i] == "--rounds") {
      options.rounds = std::strtoul(value.c_str(), nullptr, 10);
      if (options.rounds == 0) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

}  // namespace

void require(bool done, std::string_view what) {
  if (done) return;
  std::cerr << "bench: " << what << " failed\n";
  std::exit(1);
}

int run_bench(const std::vector<std::string>& arguments, const std::vector<Case>& cases) {
  const auto options = parse(arguments);
  if (!options) {
    std::cerr << "usage: " << arguments.front() << " [--json FILE] [--only PART_OF_A_CASE] [--rounds N]\n";
    return 2;
  }
  std::ofstream json;
  if (!options->json_file.empty()) {
    json.open(options->json_file);
    if (!json) {
      std::cerr << "bench: cannot write " << options->json_file << '\n';
      return 1;
    }
  }
  std::printf("%-34s %-10s %12s %12s %7s %8s %8s\n", "case (CPU ns an operation)", "peer", "best", "median", "ratio",
              "allocs", "library");
  for (const Case& one : cases) {
    if (one.name.find(options->only) == std::string::npos) continue;
    const auto contenders = one.contenders();
    const auto figures = measure(contenders, options->rounds);
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      print_row(one, contenders[i], figures[i], i == 0 ? std::optional(ratio(figures)) : std::nullopt);
      if (json) write_json(json, one, contenders[i], figures[i]);
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace padlock::bench
