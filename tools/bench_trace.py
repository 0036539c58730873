#!/usr/bin/env python3
"""What trace points cost while nobody listens: the same benches with and without them, in turn.

bench_trace.py WITH WITHOUT [--json FILE] [--rounds N] [--check]
  WITH, WITHOUT  the two builds of bench_tls
  --check        more than 1 % makes the exit code 1
Prints the best of each, in CPU nanoseconds an operation, and their ratio.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

CASES = ["server_full_tls13_x25519_ecdsa", "send_aes128gcm_16k", "receive_aes128gcm_16k", "send_aes128gcm_1350",
         "receive_aes128gcm_1350"]
MOST = 1.01


def best_of(program, case):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([program, "--only", case, "--peer", "padlock", "--rounds", "5", "--json", file.name], check=True,
                       stdout=subprocess.DEVNULL)
        rows = [json.loads(line) for line in pathlib.Path(file.name).read_text("ascii").splitlines()]
    return next(row["cpu_ns"] for row in rows if row["case"] == case)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traced")
    parser.add_argument("untraced")
    parser.add_argument("--json")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    rows, kept = [], True
    print(f"{'case (CPU ns an operation, best)':40} {'traced':>12} {'untraced':>12} {'ratio':>7}")
    for case in CASES:
        best = {arguments.traced: float("inf"), arguments.untraced: float("inf")}
        for _ in range(arguments.rounds):
            for program in best:
                best[program] = min(best[program], best_of(program, case))
        traced, untraced = best[arguments.traced], best[arguments.untraced]
        ratio = traced / untraced
        kept = kept and ratio <= MOST
        print(f"{case:40} {traced:12.1f} {untraced:12.1f} {ratio:7.3f} {'<=' if ratio <= MOST else 'OVER'} {MOST}",
              flush=True)
        rows += [{"case": f"trace_{case}", "peer": "padlock", "cpu_ns": traced},
                 {"case": f"trace_{case}", "peer": "floor", "cpu_ns": untraced}]
    if arguments.json:
        pathlib.Path(arguments.json).write_text("".join(json.dumps(row) + "\n" for row in rows), "ascii")
    return 1 if arguments.check and not kept else 0


if __name__ == "__main__":
    sys.exit(main())
