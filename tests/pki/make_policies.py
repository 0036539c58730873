#!/usr/bin/env python3
"""Makes chains that say something about certificate policies with the openssl command, after the cases of NIST's PKITS
(sections 4.8 to 4.12), and lets `openssl verify` judge them, so that no mistake of ours is in its own test.

Usage: make_policies.py FOLDER. Writes there:
  root.pem       the trusted root
  NAME.pem       each chain, leaf first, without its root
  expected.txt   one line a judgement: NAME DEMAND SAYS. DEMAND: words joined by commas, of `nothing`, `explicit`,
                 `inhibit-any`, `inhibit-mapping` and policies (their letter); SAYS: accept, or the code of the rule that
                 refuses it
Stops if openssl judges one of them otherwise.
"""
import pathlib
import subprocess
import sys
import tempfile

from make import Certificate, make

POLICY = {letter: f"1.2.3.{number}" for number, letter in enumerate("ABCDE", start=1)} | {"*": "2.5.29.32.0"}
NONE, MALFORMED, OF_ANY = "x509.policy.none_valid", "x509.policy.malformed", "x509.policy.mapping_of_any"
FLAGS = {"explicit": "-explicit_policy", "inhibit-any": "-inhibit_any", "inhibit-mapping": "-inhibit_map"}


def says(policies, mappings="", explicit=None, mapping=None, any_policy=None, self_issued=False):
    """What one certificate says: "AB" its policies, "AC" a mapping from A to C, and the numbers of its constraints."""
    lines = []
    if policies:
        lines.append("certificatePolicies = " + ",".join(POLICY[one] for one in policies))
    if mappings:
        pairs = ",".join(f"{POLICY[one[0]]}:{POLICY[one[1]]}" for one in mappings.split())
        lines.append(f"policyMappings = critical,{pairs}")
    constraints = [f"requireExplicitPolicy:{explicit}"] if explicit is not None else []
    constraints += [f"inhibitPolicyMapping:{mapping}"] if mapping is not None else []
    if constraints:
        lines.append("policyConstraints = critical," + ",".join(constraints))
    if any_policy is not None:
        lines.append(f"inhibitAnyPolicy = critical,{any_policy}")
    return "\n".join(lines), self_issued


# Each chain from below the root to its leaf, and what is said of it for each demand.
CHAINS = {
    # 4.8: certificatePolicies
    "same": ([says("A"), says("A")], {"nothing": "", "explicit": "", "explicit,A": "", "explicit,B": NONE,
                                      "explicit,A,B": "", "B": ""}),
    "none": ([says(""), says("")], {"nothing": "", "explicit": NONE, "A": ""}),
    "none-in-the-ca": ([says(""), says("A")], {"nothing": "", "explicit": NONE}),
    "none-in-the-leaf": ([says("A"), says("")], {"nothing": "", "explicit": NONE}),
    "different": ([says("A"), says("B")], {"nothing": "", "explicit": NONE, "explicit,A,B": NONE}),
    "overlapping": ([says("AB"), says("ABC"), says("A")], {"explicit": "", "explicit,A": "", "explicit,B": NONE}),
    "narrowing-to-nothing": ([says("AB"), says("AC"), says("B")], {"nothing": "", "explicit": NONE}),
    "any-in-the-cas": ([says("*"), says("*"), says("A")], {"explicit": "", "explicit,A": "", "explicit,B": NONE,
                                                          "explicit,A,inhibit-any": NONE}),
    "any-in-the-leaf": ([says("AB"), says("*")], {"explicit": "", "explicit,B": "", "explicit,C": NONE,
                                                 "explicit,inhibit-any": NONE}),
    "any-beside-another": ([says("A*"), says("B")], {"explicit,B": "", "explicit,A": NONE,
                                                    "explicit,B,inhibit-any": NONE}),
    "any-everywhere": ([says("*"), says("*")], {"explicit": "", "explicit,E": ""}),
    "twice-the-same": ([says("A"), says("AA")], {"explicit": MALFORMED}),
    # 4.9: requireExplicitPolicy
    "explicit-later": ([says("", explicit=4), says(""), says("")], {"nothing": ""}),
    "explicit-at-the-leaf": ([says("A", explicit=1), says("A"), says("")], {"nothing": NONE}),
    "explicit-from-the-leaf-on": ([says("", explicit=2), says(""), says("")], {"nothing": NONE}),
    "explicit-after-the-leaf": ([says("", explicit=3), says(""), says("")], {"nothing": ""}),
    "explicit-at-once": ([says("A", explicit=0), says("A")], {"nothing": "", "B": NONE}),
    "explicit-shortened": ([says("A", explicit=7), says("A", explicit=0), says("B")], {"nothing": NONE}),
    "explicit-never-longer": ([says("A", explicit=0), says("A", explicit=7), says("")], {"nothing": NONE}),
    "explicit-by-the-leaf": ([says("A"), says("", explicit=0)], {"nothing": NONE}),
    "explicit-past-self-issued": ([says("", explicit=2), says("", self_issued=True), says("")], {"nothing": ""}),
    # 4.10: policyMappings
    "mapped": ([says("A", "AB"), says("B")], {"explicit": "", "explicit,A": "", "explicit,B": NONE,
                                             "explicit,A,inhibit-mapping": NONE}),
    "mapped-leaf-unmapped": ([says("A", "AB"), says("A")], {"nothing": "", "explicit": NONE}),
    "mapped-twice": ([says("AB", "AC"), says("C", "CD"), says("D")], {"explicit": "", "explicit,A": "",
                                                                      "explicit,C": NONE, "explicit,D": NONE}),
    "mapped-to-two": ([says("A", "AB AC"), says("C")], {"explicit,A": "", "explicit,C": NONE}),
    "mapped-from-two": ([says("AB", "AC BC"), says("C")], {"explicit,A": "", "explicit,B": "", "explicit,C": NONE}),
    "mapped-from-any": ([says("*", "AB"), says("B")], {"explicit": "", "explicit,A": ""}),
    "mapped-unsaid": ([says("C", "AB"), says("B")], {"nothing": "", "explicit": NONE}),
    "mapped-of-any": ([says("A*", "*A"), says("A")], {"explicit": OF_ANY}),
    "mapped-to-any": ([says("A", "A*"), says("A")], {"explicit": OF_ANY}),
    # 4.11: inhibitPolicyMapping
    "mapping-inhibited": ([says("A", "AB", explicit=0, mapping=0), says("B", "BC"), says("C")], {"nothing": NONE}),
    "mapping-inhibited-next": ([says("A", explicit=0, mapping=1), says("A", "AB"), says("B")], {"nothing": ""}),
    "mapping-inhibited-one-later": ([says("A", explicit=0, mapping=1), says("A", "AB"), says("B", "BC"), says("C")],
                                    {"nothing": NONE}),
    "mapping-inhibited-past-self-issued": (
        [says("A", explicit=0, mapping=1), says("A", self_issued=True), says("A", "AB"), says("B")], {"nothing": ""}),
    # 4.12: inhibitAnyPolicy
    "any-inhibited": ([says("A", explicit=0, any_policy=0), says("*")], {"nothing": NONE}),
    "any-inhibited-beside-another": ([says("A", explicit=0, any_policy=0), says("A*")], {"nothing": ""}),
    "any-inhibited-next": ([says("*", explicit=0, any_policy=1), says("*"), says("A")], {"nothing": ""}),
    "any-inhibited-one-later": ([says("*", explicit=0, any_policy=1), says("*"), says("*"), says("A")],
                                {"nothing": NONE}),
    "any-inhibited-past-self-issued": (
        [says("*", explicit=0, any_policy=0), says("*", self_issued=True), says("A")], {"nothing": ""}),
    "any-inhibited-for-the-leaf": (
        [says("A", explicit=0, any_policy=0), says("A", self_issued=True), says("*")], {"nothing": NONE}),
}


def make_chain(name, certificates, work):
    """The chain's certificates in the working folder; gives their names, leaf first."""
    issuer, subject, names = "root", "", []
    for place, (extra, self_issued) in enumerate(certificates):
        leaf = place == len(certificates) - 1
        own = name if leaf else f"{name}-ca{place}"
        subject = (subject or issuer) if self_issued else own
        make(Certificate(own, issuer, ca=not leaf, extra=extra, same_subject=subject), work)
        issuer = own
        names.insert(0, own)
    return names


def openssl_accepts(names, demand, work):
    words = [] if demand == "nothing" else demand.split(",")
    policies = [POLICY[word] for word in words if word in POLICY] or [POLICY["*"]]  # it takes none for no policy at all
    arguments = ["-policy_check", *(FLAGS[word] for word in words if word in FLAGS)]
    for policy in policies:
        arguments += ["-policy", policy]
    above = work / "above.pem"
    above.write_text("".join((work / f"{one}.crt").read_text() for one in names[1:]))
    done = subprocess.run(["openssl", "verify", *arguments, "-CAfile", work / "root.crt", "-untrusted", above,
                           "-attime", "1772614800", work / f"{names[0]}.crt"], capture_output=True, check=False)
    return done.returncode == 0


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines, otherwise = [], []
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        (work / "index.txt").touch()
        make(Certificate("root", ca=True), work)
        (folder / "root.pem").write_text((work / "root.crt").read_text())
        for name, (certificates, judgements) in CHAINS.items():
            names = make_chain(name, certificates, work)
            (folder / f"{name}.pem").write_text("".join((work / f"{one}.crt").read_text() for one in names))
            for demand, code in judgements.items():
                lines.append(f"{name} {demand} {code or 'accept'}\n")
                if openssl_accepts(names, demand, work) != (code == ""):
                    otherwise.append(lines[-1])
    if otherwise:
        sys.exit("make_policies.py: openssl judges otherwise:\n" + "".join(otherwise))
    (folder / "expected.txt").write_text("".join(lines))
    print(f"{folder}: {len(CHAINS)} chains, {len(lines)} judgements, in all of which openssl agrees")


if __name__ == "__main__":
    main()
