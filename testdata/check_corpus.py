#!/usr/bin/env python3
"""Runs the tool over folders of logs with known causes and prints where it agrees.

    testdata/check_corpus.py FOLDER [--tool target/debug/jssl-analyze] [--quiet]

FOLDER holds some of lab/truth.jsonl, real/index.jsonl and jvmscope/index.jsonl, each beside its logs.
Per case: dialect and envelope, handshakes, outcome, the first finding against the known cause. Then a table.

    first    the first finding of a failed handshake is the cause
    listed   another finding is, or the first names no cause and says so ("open"), where the text proves none
    missed   neither
    wrong    the first finding is another cause, and calls itself certain or strong
    alarm    a finding of severity error though nothing is broken
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys

# the words of the indexes -> rules that name that cause
UNTRUSTED = ["untrusted-root", "self-signed-certificate", "incomplete-certificate-chain", "tls-interception"]
REJECTED = ["certificate-rejected-by-peer"]
CAUSES = {
    "cert_expired": ["certificate-expired"],
    "cert_not_yet_valid": ["certificate-not-yet-valid"],
    "cert_revoked": ["certificate-revoked"],
    "cipher_mismatch": ["no-common-cipher-suite", "disabled-by-local-policy"],
    "client_cert_issuer_not_accepted": [
        "no-client-certificate-for-authorities", "client-certificate-missing"],
    "connection_reset": ["connection-reset-during-handshake", "peer-closed-during-handshake"],
    "dh_key_too_small": ["dh-parameters-too-weak"],
    "handshake_tampered": ["record-corrupted", "message-malformed", "unexpected-message"],
    "hostname_mismatch": ["hostname-mismatch", "ip-address-mismatch"],
    "malformed_peer_data": ["message-malformed", "unexpected-message", "plaintext-client", "record-corrupted",
                            "handshake-message-too-large"],
    "mtls_no_client_cert": ["client-certificate-missing", "no-client-certificate-for-authorities"],
    "no_common_cipher": ["no-common-cipher-suite", "server-key-missing"],
    "no_common_version": ["no-common-protocol-version"],
    "no_signature_scheme": ["no-common-signature-scheme"],
    "not_tls": ["plaintext-peer", "plaintext-client"],
    "other:client_rejects_server_cert": REJECTED,
    "other:jdk_bug_dh_padding": ["known-jdk-defect", "record-corrupted"],
    "other:peer_internal_error": ["refused-without-reason", *REJECTED],
    "peer_alert_access_denied": ["refused-without-reason", *REJECTED],
    "peer_alert_internal_error": ["refused-without-reason", *REJECTED],
    "peer_closed": ["peer-closed-during-handshake", "probe-or-scanner"],
    "plaintext_peer": ["plaintext-peer", "plaintext-client"],
    "protocol_disabled_locally": ["disabled-by-local-policy"],
    "protocol_mismatch": ["no-common-protocol-version", "disabled-by-local-policy"],
    "server_selected_unoffered_cipher": ["no-common-cipher-suite", "message-malformed", "unexpected-message"],
    "session_resumption": ["resumption-rejected"],
    "sni_missing": ["server-name-missing", "server-name-unrecognized"],
    "sslv2_hello": ["no-common-protocol-version"],
    "timeout": ["handshake-timeout", "no-server-hello"],
    "trust_store_missing": ["truststore-unusable"],
    "truststore_problem": ["truststore-unusable", *UNTRUSTED],
    "untrusted_ca": UNTRUSTED,
    "weak_algorithm": ["weak-certificate-algorithm"],
    "wrong_eku": ["wrong-key-usage", "client-certificate-rejected"],
}
# the server's end of a certificate that the client refused, and the like: how it ended, not why
HOW_IT_ENDED = {
    "certificate-rejected-by-peer", "client-certificate-rejected", "refused-without-reason", "no-server-hello",
    "peer-closed-during-handshake", "connection-reset-during-handshake", "handshake-timeout", "undetermined",
    "unexpected-message", "log-ends-mid-handshake", "no-handshake-in-log",
}
NOTHING = {None, "none", "unknown", "other:benign_close_warning"}
OUTCOMES = {"success": "established", "failure": "failed", "failed": "failed", "incomplete": "unfinished"}


def cases(folder):
    """All cases of a folder in one shape."""
    for index in sorted([*folder.glob("*/truth.jsonl"), *folder.glob("*/index.jsonl")]):
        for line in index.read_text(encoding="utf-8").splitlines():
            if not line.strip():
                continue
            case = json.loads(line)
            expected, oracle = case.get("expected") or {}, case.get("oracle") or {}
            yield {
                "folder": index.parent.name,
                "file": index.parent / case["file"],
                "cause": case.get("expected_cause", expected.get("cause_code")),
                "outcome": case.get("outcome") or oracle.get("outcome") or expected.get("outcome"),
                "dialect": case.get("dialect") or {"old": "old", "new": "new"}.get(case.get("jsse"), "?"),
                "side": case.get("side") or case.get("mode"),
                "decidable": case.get("determinable", "yes"),
                "sees": (case.get("visible") or {}).get("alerts", True),
            }


def analyse(tool, log):
    """The report of one log, or why there is none."""
    run = subprocess.run([tool, "-f", "json", str(log)], capture_output=True, timeout=60, check=False)
    if run.returncode not in (0, 1, 3):
        return None, f"exit {run.returncode}: {run.stderr.decode(errors='replace').strip()[:200]}"
    return (json.loads(run.stdout) if run.stdout.strip() else None), ""


def judge(case, report):
    """One word of the table, and the finding that it rests on."""
    told = []
    for handshake in report["handshakes"]:
        told += [(at, finding) for at, finding in enumerate(handshake["findings"])]
    errors = [finding for _, finding in told if finding["severity"] == "error"]
    if case["cause"] in NOTHING:
        return ("alarm", errors[0]) if errors else ("quiet", None)
    wanted = CAUSES.get(case["cause"], [])
    firsts = [finding for at, finding in told if at == 0]
    for finding in firsts:
        if finding["rule"] in wanted:
            return "first", finding
    for finding in [finding for _, finding in told] + report["findings"]:
        if finding["rule"] in wanted:
            return "listed", finding
    causes = [finding for finding in firsts if finding["rule"] not in HOW_IT_ENDED
              and finding["severity"] == "error"]
    for finding in causes:
        if finding["confidence"] in ("certain", "strong"):
            return "wrong", finding
    may_be_open = case["decidable"] != "yes" or case["folder"] != "real"
    if may_be_open and not causes and (errors or case["decidable"] == "no"):
        return "open", firsts[0] if firsts else None
    return "missed", firsts[0] if firsts else None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--tool", default="target/debug/jssl-analyze")
    arguments.add_argument("--quiet", action="store_true", help="only cases that are not as they should be")
    options = arguments.parse_args()
    words = ["first", "listed", "open", "missed", "wrong", "quiet", "alarm", "outcome", "of"]
    table = collections.defaultdict(collections.Counter)
    broken = 0
    for case in cases(options.folder):
        report, why = analyse(options.tool, case["file"])
        if report is None:
            print(f"{case['file']}: {why or 'no report'}")
            broken += 1
            continue
        word, finding = judge(case, report)
        outcomes = [handshake["outcome"] for handshake in report["handshakes"]]
        wanted = OUTCOMES.get(case["outcome"], case["outcome"])
        agrees = wanted in outcomes or (not outcomes and case["outcome"] == "incomplete")
        for key in ((case["folder"], case["dialect"]), (case["folder"], "all")):
            table[key][word] += 1
            table[key]["of"] += 1
            table[key]["outcome"] += agrees
        if options.quiet and word in ("first", "quiet") and agrees:
            continue
        seen = report["inputs"][0]
        said = f"{finding['rule']} ({finding['confidence']})" if finding else "-"
        print(f"{word:7}{case['folder']}/{case['file'].relative_to(options.folder / case['folder'])}: "
              f"{'+'.join(seen['dialects']) or 'none'}, {seen['envelope'] or 'bare'}, {len(outcomes)} handshakes, "
              f"outcome {'as known' if agrees else f'{wanted} is {outcomes[:3]}'}, "
              f"{case['cause'] or 'none'} [{case['decidable']}] -> {said}")
    print(f"\n{'folder':10}{'dialect':9}" + "".join(f"{word:>9}" for word in words))
    for (folder, dialect), row in sorted(table.items()):
        print(f"{folder:10}{dialect:9}" + "".join(f"{row[word]:>9}" for word in words))
    wrong = sum(row["wrong"] + row["alarm"] for (_, dialect), row in table.items() if dialect == "all")
    return 1 if wrong or broken else 0


if __name__ == "__main__":
    sys.exit(main())
