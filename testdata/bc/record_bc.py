#!/usr/bin/env python3
"""Records what Bouncy Castle's JSSE provider logs while it makes handshakes of the lab's table (../lab/record.py).

    record_bc.py DIR=VERSION…      DIR has bctls.jar, bcprov.jar, bcutil.jar and bcpkix.jar; VERSION/ is written
    record_bc.py --only NAME …     one scenario (a shell pattern)

The jars are those of Debian's packages libbctls-java, libbcprov-java, libbcutil-java and libbcpkix-java (dpkg -x, then
usr/share/java). Needs what ../lab/record.py needs; the JVM is the JDK 17 that it finds, the settings are those of
logging.properties below. As there, a log whose API outcome is not the scenario's is not written.
"""

import argparse
import fnmatch
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))
sys.dont_write_bytecode = True

import record  # noqa: E402
from record import SCENARIOS, Disagrees, Fail, Ok, Recorder, Scenario, conf, only, say

JARS = ["bctls.jar", "bcprov.jar", "bcutil.jar", "bcpkix.jar"]
# Bouncy Castle's TLS first, then those of JDK 17 as they come, and its algorithms last.
SECURITY = ["org.bouncycastle.jsse.provider.BouncyCastleJsseProvider", "SUN", "SunRsaSign", "SunEC", "SunJSSE", "SunJCE",
            "SunJGSS", "SunSASL", "XMLDSig", "SunPCSC", "JdkLDAP", "JdkSASL",
            "org.bouncycastle.jce.provider.BouncyCastleProvider"]
LOGGING = """handlers=java.util.logging.ConsoleHandler
.level=INFO
java.util.logging.ConsoleHandler.level=ALL
org.bouncycastle.jsse.level=FINE
"""
# Thirty records of settings in front of every log: kept in one of each version.
QUIET = "".join("org.bouncycastle.jsse.provider.%s.level=OFF\n" % name for name in ("PropertyUtils", "DisabledAlgorithmConstraints"))
WITH_SETTINGS = "tls13-rsa"

# Bouncy Castle's words in the API: of the alert that came, of the one that it sent, and of the stream.
RECEIVED = r"TlsFatalAlertReceived: (%s)\("
SENT = r"TlsFatalAlert: (%s)\("
RESET = record.RESET
LEFT = r"TlsFatalAlert: handshake_failure\(40\)$"


def fail(rules, how, api, version=None):
    return Fail(rules, None, how, api, at="handshake|talk", version=version)


def sent(rules, alert, version=None):
    return fail(rules, "alert_sent", SENT % alert, version)


def received(rules, alert, version=None, lost=()):
    """The peer's alert, or what is left of it where its TCP connection ends first."""
    rules = [rules] if isinstance(rules, str) else rules
    return [fail(rules, "alert_received", RECEIVED % alert, version),
            fail(rules + ["connection-reset-during-handshake"] + list(lost), "reset", RESET, version)]


REJECTED = received("certificate-rejected-by-peer", "certificate_unknown|bad_certificate|certificate_expired")
CHAIN = "untrusted-root"

Scenario("server-no-key-manager", "the server's SSLContext is made without key manager", conf({"server.key": ""}))

# scenario → what is to come at the client and at the server; None: not kept
GOOD = Ok()
TABLE = {
    "tls13-rsa": (GOOD, GOOD),
    "tls12-ecdhe-rsa": (GOOD, GOOD),
    "resumption-tls12": (Ok(handshakes=1, resumed=None), None),
    "mtls-tls13": (GOOD, GOOD),
    "mtls-tls12": (None, GOOD),
    "untrusted-root-tls13": (sent(CHAIN, "certificate_unknown"), REJECTED),
    "untrusted-root-tls12": (sent(CHAIN, "certificate_unknown"), REJECTED),
    "certificate-expired-tls12": (sent(["certificate-expired", "untrusted-root"], "certificate_unknown"), None),
    "hostname-mismatch-tls13": (sent("hostname-mismatch", "certificate_unknown"), REJECTED),
    "ip-address-mismatch-tls13": (sent("ip-address-mismatch", "certificate_unknown"), None),
    "no-common-cipher-suite-tls12": (received("refused-without-reason", "handshake_failure"),
                                     sent("no-common-cipher-suite", "handshake_failure")),
    "no-common-protocol-version-old-client": (received("no-common-protocol-version", "protocol_version"),
                                              sent("no-common-protocol-version", "protocol_version")),
    "no-common-application-protocol-tls13": (received("no-common-application-protocol", "no_application_protocol"),
                                             sent("no-common-application-protocol", "no_application_protocol")),
    "server-key-wrong-type-tls12": (None, sent(["server-key-missing", "no-common-cipher-suite"], "handshake_failure")),
    "server-key-missing-tls13": (None, sent(["server-key-missing", "no-common-cipher-suite"], "handshake_failure")),
    "server-no-key-manager": (None, sent("server-key-missing", "handshake_failure")),
    "client-certificate-missing-tls12": (received(["client-certificate-missing", "refused-without-reason"], "handshake_failure"),
                                         sent("client-certificate-missing", "handshake_failure")),
    "client-certificate-missing-tls13": (None, sent("client-certificate-missing", "certificate_required")),
    "client-certificate-rejected-tls12": (None, sent("client-certificate-rejected", "certificate_unknown")),
    "plaintext-peer-http": (sent("plaintext-peer", "unexpected_message"), None),
    "plaintext-client-http": (None, sent("plaintext-client", "unexpected_message")),
    "closed-after-client-hello": (fail("peer-closed-during-handshake", "peer_closed", LEFT), None),
    "reset-after-client-hello": (fail("connection-reset-during-handshake", "reset", RESET), None),
    "tcp-probe": (None, fail(["probe-or-scanner", "peer-closed-during-handshake"], "peer_closed", LEFT)),
    "handshake-timeout": (fail("handshake-timeout", "timeout", "timed out"), None),
}
# Up to 1.72 records have no tag, and less is said.
OLDER = ["tls13-rsa", "resumption-tls12", "untrusted-root-tls13", "no-common-cipher-suite-tls12",
         "client-certificate-missing-tls12", "closed-after-client-hello"]


class OfBouncyCastle(Recorder):
    def __init__(self, work, out, jars):
        super().__init__(work, out)
        self.jars = jars

    def jvm(self, home, scenario, option, mode, directory, side):
        def write(name, text):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as out:
                out.write(text)
        write("bc.security", "".join("security.provider.%d=%s\n" % (n + 1, name) for n, name in enumerate(SECURITY))
              + "ssl.KeyManagerFactory.algorithm=PKIX\nssl.TrustManagerFactory.algorithm=PKIX\n")
        write("logging.properties", LOGGING + ("" if scenario.name == WITH_SETTINGS else QUIET))
        classes = os.pathsep.join([os.path.join(self.work, "classes")] + [os.path.join(self.jars, jar) for jar in JARS])
        command = [os.path.join(home, "bin", "java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
                   "-Duser.language=en", "-Duser.country=US", "-Duser.timezone=UTC",
                   "-Djava.security.properties=bc.security", "-Djava.util.logging.config.file=logging.properties"]
        command += ["-cp", classes, "Lab", "lab.conf", mode, "result." + side]
        log = open(os.path.join(directory, side + ".log"), "wb")
        return subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def record_one(self, home, version, name):
        scenario = SCENARIOS[name]
        wanted = dict(zip(("client", "server"), TABLE[name]))
        logs, reports, head = self.run(home, scenario, None, "two")
        saw = {end: "; ".join(sorted({r["exception"] or "established" for r in reports if r["end"] == end})) for end in wanted}
        written = []
        for end, ending in wanted.items():
            if ending is None:
                continue
            scenario.ends[end] = ending
            handshakes, saw[end] = record.judge(scenario, end, [r for r in reports if r["end"] == end])
            for one in handshakes:
                one["after"] = None  # Bouncy Castle logs no messages
            truth = {"scenario": name, "description": scenario.description, "java_version": head["java_version"],
                     "jdk": "Bouncy Castle " + version, "option": "org.bouncycastle.jsse.level=FINE", "mode": end,
                     "enough": True, "handshakes": handshakes, "findings": [], "api": saw}
            written.append((end, truth))
        for end, truth in written:
            base = os.path.join(self.out, version, "%s.fine.%s" % (name, end))
            os.makedirs(os.path.dirname(base), exist_ok=True)
            with open(base + ".log", "w", encoding="utf-8", newline="") as out:
                out.write(logs[end])
            with open(base + ".truth.json", "w", encoding="utf-8") as out:
                out.write(record.pretty(truth))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jars", nargs="+", metavar="DIR=VERSION")
    parser.add_argument("--only", default="*")
    parser.add_argument("--out", default=HERE)
    parser.add_argument("--work")
    args = parser.parse_args()
    home = record.maker_jdk(None)
    work = os.path.abspath(args.work) if args.work else tempfile.mkdtemp(prefix="lab-bc-")
    os.makedirs(os.path.join(work, "classes"), exist_ok=True)
    bad = []
    try:
        subprocess.run([os.path.join(home, "bin", "javac"), "-nowarn", "-Xlint:-options", "--release", "8", "-d",
                        os.path.join(work, "classes"), os.path.join(record.HERE, "Lab.java")], check=True)
        record.certificates(work, home)
        for spec in args.jars:
            jars, _, version = spec.rpartition("=")
            recorder = OfBouncyCastle(work, os.path.abspath(args.out), os.path.abspath(jars))
            tagged = tuple(map(int, version.split("."))) > (1, 72)
            for name in (TABLE if tagged else OLDER):
                if not fnmatch.fnmatch(name, args.only):
                    continue
                for tries in (1, 0):
                    try:
                        recorder.record_one(home, version, name)
                        say("ok   %s %s" % (version, name))
                        break
                    except (Disagrees, ValueError) as problem:
                        say("%s  %s %s: %s" % ("try again" if tries else "BAD", version, name, problem))
                        if not tries:
                            bad.append(name)
    finally:
        if not args.work:
            shutil.rmtree(work, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
