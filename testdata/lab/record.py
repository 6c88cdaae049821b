#!/usr/bin/env python3
"""Records what JVMs print with -Djavax.net.debug while they make the TLS handshakes of the table below.

    record.py                          make again what is committed (JDKs that are not there are named and skipped)
    record.py --jdk /opt/jdk-26=26     the same for a JDK of one's own, under logs/26 (may be given more than once)
    record.py --list                   the scenarios
    record.py --only NAME              one scenario (a shell pattern; may be given more than once)
    record.py --option ssl:record      that option value instead of the ones of the plan
    record.py --mode both|two          one JVM or two instead of the modes of the plan
    record.py --out DIR                somewhere else than logs/ beside this script
    record.py --work DIR               keep certificates and classes there for the next run
    record.py --table                  the scenario table of README.md

Needs Python 3.8 and one full JDK from 17 on (javac, keytool); the JVMs that are recorded may be bare runtimes.
Each log gets its truth beside it. The truth is told by the scenario and checked against what the Java API saw at both
ends while it was recorded: where the two disagree the log is not written and the exit code is 1.
"""

import argparse
import fnmatch
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# ---------------------------------------------------------------------------------------------------------------- JDKs

# label → where such a JDK is commonly found; $LAB_JDK_<label> comes first.
JDKS = {
    "17": ["/usr/lib/jvm/java-17-openjdk-amd64"],
    "25": ["/usr/lib/jvm/temurin-25-jdk-amd64", "/usr/lib/jvm/java-25-openjdk-amd64"],
    "8": ["/usr/lib/jvm/java-8-openjdk-amd64/jre", "/usr/lib/jvm/java-8-openjdk-amd64"],
    "11": [],
    "17.0.9": [],
    "21": ["/usr/lib/jvm/java-21-openjdk-amd64"],
    "27": ["/usr/lib/jvm/java-27-openjdk-amd64"],
}

# ----------------------------------------------------------------------------------------------------------- the truth


class Ok:
    """The end established its handshake(s)."""

    def __init__(self, version=None, suite=None, resumed=False, handshakes=1, may_fail_later=None):
        self.version, self.suite, self.resumed, self.handshakes = version, suite, resumed, handshakes
        self.may_fail_later = may_fail_later


class Fail:
    """The end did not. `api` is a pattern over the exceptions that the Java API threw at this end."""

    def __init__(self, rules, after, how, api, at="handshake", version=None, outcome="failed"):
        self.rules = [rules] if isinstance(rules, str) else rules
        self.after = [after] if isinstance(after, str) or after is None else after
        self.how = [how] if isinstance(how, str) else how
        self.api, self.at, self.version, self.outcome = api, at, version, outcome


RESET = r"Broken pipe|Connection reset|connection abort|Connection or outbound has closed|Socket closed"
GONE = r"Remote host terminated the handshake|Remote host closed|SSL peer shut down|end of stream|closing inbound"


def refused(rules, alert, after, late=None, at="handshake", version=None, reset=True):
    """The peer refused. Which trace of that is seen first, its alert or the end of the TCP connection, is a race."""
    rules = [rules] if isinstance(rules, str) else rules
    after = [after] if isinstance(after, str) else after
    ends = [Fail(rules, after, "alert_received", r"Received fatal alert: (%s)" % alert, at, version)]
    if reset:
        late = late or after
        ends.append(Fail(rules + ["connection-reset-during-handshake", "peer-closed-during-handshake"], late, "reset",
                         RESET, at, version))
        ends.append(Fail(rules + ["peer-closed-during-handshake"], late, "peer_closed", GONE, at, version))
    return ends


# ------------------------------------------------------------------------------------------------------- the scenarios

SCENARIOS = {}


class Scenario:
    def __init__(self, name, description, conf, client=None, server=None, jvm=None, modes=("both", "two"), logs=None,
                 findings=(), needs=8, until=99, cut=None, exact=None, zone="UTC", locale=("en", "US"), why=None):
        self.name, self.description, self.conf = name, description, conf
        self.ends = {"client": client, "server": server}
        self.jvm = jvm or {}
        self.modes, self.findings, self.needs, self.until, self.cut = modes, list(findings), needs, until, cut
        self.logs = logs or [end for end in ("client", "server") if self.ends[end] is not None]
        self.exact = exact
        self.fails = any(isinstance(e, (Fail, list)) for e in (client, server))
        self.zone, self.locale = zone, locale
        if len(self.logs) == 1 and modes == ("both", "two"):
            self.modes = ("two",)
        assert name not in SCENARIOS, name
        SCENARIOS[name] = self


V = {"13": "TLSv1.3", "12": "TLSv1.2"}
# What a server has sent when its certificate is refused: its whole flight, or less where writing already fails.
SERVER_FLIGHT = {"13": "Finished", "12": "ServerHelloDone"}
SERVER_LATE = {"13": ["Certificate", "CertificateVerify", "Finished"], "12": ["Certificate", "ServerKeyExchange", "ServerHelloDone"]}
BASE = {"client.trust": "root", "server.key": "api-rsa", "server.trust": "root"}
OLD = {"security.jdk.tls.disabledAlgorithms": "SSLv3, NULL, anon", "security.jdk.certpath.disabledAlgorithms": "MD2"}


def conf(*parts, **more):
    out = dict(BASE)
    for part in parts:
        out.update(part)
    out.update({key.replace("_", "."): value for key, value in more.items()})
    return out


def only(version):
    return {"client.protocols": V[version], "server.protocols": V[version]}


def success(name, description, *parts, version=None, suite=None, **more):
    ends = Ok(version, suite)
    Scenario(name, description, conf(*parts), client=more.pop("client", ends), server=more.pop("server", ends), **more)


# -- successes

success("tls13-rsa", "TLS 1.3, RSA leaf, both ends as the JDK comes", version="TLSv1.3")
success("tls13-ec", "TLS 1.3, EC leaf", {"server.key": "api-ec"}, version="TLSv1.3")
success("tls13-ed25519", "TLS 1.3, Ed25519 leaf", {"server.key": "api-ed"}, version="TLSv1.3", needs=17)
success("tls13-chacha20", "TLS 1.3, the client has TLS_CHACHA20_POLY1305_SHA256 only",
        {"client.ciphers": "TLS_CHACHA20_POLY1305_SHA256"}, version="TLSv1.3", suite="CHACHA20", needs=12)
success("tls12-ecdhe-rsa", "TLS 1.2, ECDHE and an RSA leaf", only("12"), version="TLSv1.2", suite="TLS_ECDHE_RSA_")
success("tls12-ecdhe-ecdsa", "TLS 1.2, ECDHE and an EC leaf", only("12"), {"server.key": "api-ec"}, version="TLSv1.2",
        suite="TLS_ECDHE_ECDSA_")
success("tls12-dhe-rsa", "TLS 1.2, finite field Diffie-Hellman", only("12"),
        {"client.ciphers": "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
        version="TLSv1.2", suite="TLS_DHE_RSA_")
success("tls12-static-rsa", "TLS 1.2, key transport by RSA, switched on again where it is disabled", only("12"), OLD,
        {"client.ciphers": "TLS_RSA_WITH_AES_128_GCM_SHA256", "server.ciphers": "TLS_RSA_WITH_AES_128_GCM_SHA256"},
        version="TLSv1.2", suite="TLS_RSA_")
success("tls12-server-cbc", "TLS 1.2, a CBC suite with encrypt-then-MAC not to be had", only("12"),
        {"server.ciphers": "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
        version="TLSv1.2", suite="CBC")
success("tls12-server-of-both", "the client offers 1.3 and 1.2, the server has 1.2 only", {"server.protocols": "TLSv1.2"},
        version="TLSv1.2")
success("tls12-client-of-both", "the client offers 1.2 only, the server has 1.3 too", {"client.protocols": "TLSv1.2"},
        version="TLSv1.2")
for number in ("1.1", "1"):
    success("tls%s" % {"1.1": "11", "1": "10"}[number], "TLS %s, switched on again" % {"1": "1.0"}.get(number, number), OLD,
            {"client.protocols": "TLSv" + number, "server.protocols": "TLSv" + number}, version="TLSv" + number)
for v in V:
    Scenario("resumption-tls" + v, "two handshakes with one session; the second is resumed",
             conf(only(v), {"client.connections": "2"}),
             client=lambda i, v=v: Ok(V[v], resumed=i > 0), server=lambda i, v=v: Ok(V[v], resumed=i > 0))
    success("mtls-tls" + v, "the server needs a client certificate and gets one", only(v),
            {"client.key": "client-good", "server.auth": "need"}, version=V[v])
    success("client-auth-optional-tls" + v, "the server would like a client certificate, the client has none", only(v),
            {"server.auth": "want"}, version=V[v])
    success("alpn-tls" + v, "h2 and http/1.1 are offered, h2 is chosen", only(v),
            {"client.alpn": "h2,http/1.1", "server.alpn": "h2,http/1.1"}, version=V[v])
    success("no-sni-tls" + v, "the client names no server", only(v), {"client.sni": "none"}, version=V[v])
Scenario("hello-retry-request", "the client's key share is of a group that the server does not have", conf(only("13")),
         client=Ok("TLSv1.3"), server=Ok("TLSv1.3"), modes=("two",),
         jvm={"client": ["-Djdk.tls.namedGroups=x25519,secp384r1"], "server": ["-Djdk.tls.namedGroups=secp384r1"]},
         needs=11)
success("hello-retry-request-by-api", "the same, set up by SSLParameters.setNamedGroups in one JVM", only("13"),
        {"client.groups": "secp256r1,secp384r1", "server.groups": "secp384r1"}, version="TLSv1.3", needs=20)
Scenario("mtls-no-tls13-tickets", "TLS 1.3 with a client certificate and no session tickets", conf(
    only("13"), {"client.key": "client-good", "server.auth": "need"}),
    client=Ok("TLSv1.3"), server=Ok("TLSv1.3"), jvm={"both": ["-Djdk.tls.server.newSessionTicketCount=0"]},
    modes=("both",), needs=17)
Scenario("renegotiation-tls12", "the client asks for a second, full handshake on the same connection",
         conf(only("12"), {"client.talk": "renegotiate", "server.talk": "renegotiate"}),
         client=Ok("TLSv1.2", handshakes=2), server=Ok("TLSv1.2", handshakes=2))
success("key-update-tls13", "64 KB of data with a key limit of 16 KB: KeyUpdate from the server", only("13"),
        {"client.talk": "bulk", "server.talk": "bulk",
         "security.jdk.tls.keyLimits": "AES/GCM/NoPadding KeyUpdate 2^14"}, version="TLSv1.3")
success("wide-trust-store", "the client loads all of cacerts, given as a file of its own, and trusts the root by it",
        {"client.trust": "default"}, version="TLSv1.3",
        jvm={"client": ["-Djavax.net.ssl.trustStore=cacerts-and-root", "-Djavax.net.ssl.trustStorePassword=changeit"]},
        modes=("two",), logs=["client"])
success("thread-names", "threads with bars, blanks and brackets in their names", only("13"), {
    "client.thread": "https-jsse-nio-8443-exec-1 [api|v2] (worker 3)",
    "server.thread": "ForkJoinPool.commonPool-worker-1|GET /a,b: {x} "}, version="TLSv1.3", modes=("both",))
success("zone-kolkata", "the JVM's time zone is not UTC", only("12"), version="TLSv1.2", zone="Asia/Kolkata", modes=("both",))
success("zone-offset-arabic", "a zone by offset, and Arabic as the language", only("13"), version="TLSv1.3",
        zone="GMT-03:00", locale=("ar", "EG"), modes=("both",))
for kind, count, v in (("many-one-bad", 200, "12"), ("several-one-bad", 8, "13")):
    bad = 57 if count > 20 else 3
    Scenario(kind, "%d handshakes one after the other, number %d fails: the client does not trust the root" % (count, bad + 1),
             conf(only(v), {"server.key": "api-ec", "client.connections": str(count), "client.talk": "brief", "server.talk": "brief",
                             "client.%d.trust" % bad: "other-root",
                            "client.ciphers": {"13": "TLS_AES_128_GCM_SHA256", "12": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}[v]}),
             client=lambda i, bad=bad, v=v: Fail("untrusted-root", "Certificate", "alert_sent",
                                                 "valid certification path", version=V[v])
             if i == bad else Ok(V[v], resumed=i > 0),
             server=lambda i, bad=bad, v=v: refused(
                 "certificate-rejected-by-peer", "certificate_unknown", SERVER_FLIGHT[v], SERVER_LATE[v], version=V[v])
             if i == bad else Ok(V[v], resumed=i > 0),
             modes=("both",) if count < 20 else ("two",), logs=["client", "server"] if count < 20 else ["client"],
             jvm={"client": ["-Djdk.tls.namedGroups=secp256r1", "-Djdk.tls.client.enableSessionTicketExtension=false",
                             "-Djdk.tls.client.enableStatusRequestExtension=false",
                             "-Djdk.tls.client.SignatureSchemes=ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256,"
                             "rsa_pkcs1_sha256"]} if count > 20 else None)
PAR = {"client.connections": "8", "client.parallel": "8", "client.2.trust": "other-root", "client.5.host": "other.lab.example"}
Scenario("concurrent", "eight handshakes at the same time; the third and the sixth client refuse the server's certificate",
         conf(PAR),
         client=lambda i: Fail("untrusted-root", "Certificate", "alert_sent", "valid certification path", version="TLSv1.3")
         if i == 2 else Fail("hostname-mismatch", "Certificate", "alert_sent", "No subject alternative DNS name",
                             version="TLSv1.3") if i == 5 else Ok("TLSv1.3", resumed=None),
         server=lambda i: [Ok("TLSv1.3", resumed=None)] + refused(
             "certificate-rejected-by-peer", "certificate_unknown", "Finished",
             ["Certificate", "CertificateVerify", "Finished"], version="TLSv1.3"), modes=("both",))
Scenario("virtual-threads", "four handshakes on virtual threads, half of them without a name; the third fails",
         conf({"client.connections": "4", "client.parallel": "4", "client.2.trust": "other-root", "client.virtual": "yes",
               "server.virtual": "yes"}),
         client=SCENARIOS["concurrent"].ends["client"], server=SCENARIOS["concurrent"].ends["server"], modes=("both",), needs=21)
for v in V:
    success("engine-tls" + v, "SSLEngine at both ends, each wrap, unwrap and task on the next thread of a pool", only(v),
            {"client.kind": "engine", "server.kind": "engine"}, version=V[v])
    Scenario("engine-untrusted-tls" + v, "SSLEngine over a pool; the client does not trust the root", conf(
        only(v), {"client.kind": "engine", "server.kind": "engine", "client.trust": "other-root"}),
        client=Fail("untrusted-root", "Certificate", "alert_sent", "valid certification path",
                    version=V[v]),
        server=refused("certificate-rejected-by-peer", "certificate_unknown",
                       SERVER_FLIGHT[v], SERVER_LATE[v], version=V[v]))

# -- negotiation

REFUSED_HELLO = dict(after="ClientHello", reset=False)
Scenario("no-common-cipher-suite-tls13", "one end has AES-256-GCM only, the other AES-128-GCM only",
         conf(only("13"), {"client.ciphers": "TLS_AES_128_GCM_SHA256", "server.ciphers": "TLS_AES_256_GCM_SHA384"}),
         client=refused("refused-without-reason", "handshake_failure", **REFUSED_HELLO),
         server=Fail("no-common-cipher-suite", "ClientHello", "alert_sent", "no cipher suites in common"))
Scenario("no-common-cipher-suite-tls12", "the same in TLS 1.2", conf(only("12"), {
    "client.ciphers": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "server.ciphers": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    ",TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"}), needs=12,
    client=refused("refused-without-reason", "handshake_failure", **REFUSED_HELLO),
    server=Fail("no-common-cipher-suite", "ClientHello", "alert_sent", "no cipher suites in common"))
Scenario("no-common-cipher-suite-version-gap", "the client's only suite is one of TLS 1.3, the server has 1.2 only",
         conf({"client.ciphers": "TLS_AES_128_GCM_SHA256", "server.protocols": "TLSv1.2"}),
         client=refused(["refused-without-reason", "no-common-protocol-version"], "handshake_failure|protocol_version",
                        **REFUSED_HELLO),
         server=Fail(["no-common-cipher-suite", "no-common-protocol-version"], "ClientHello", "alert_sent",
                     "no cipher suites in common|not accepted by server|not enabled or supported"))
Scenario("no-common-protocol-version-old-client", "the server has TLS 1.3 only, the client 1.2 only",
         conf({"client.protocols": "TLSv1.2", "server.protocols": "TLSv1.3"}),
         client=refused("no-common-protocol-version", "protocol_version", **REFUSED_HELLO),
         server=Fail("no-common-protocol-version", "ClientHello", "alert_sent", "not enabled or supported|not accepted by server"))
Scenario("no-common-protocol-version-old-server", "the server has TLS 1.2 only, the client 1.3 only",
         conf({"client.protocols": "TLSv1.3", "server.protocols": "TLSv1.2"}),
         client=refused("no-common-protocol-version", "protocol_version", **REFUSED_HELLO),
         server=Fail("no-common-protocol-version", "ClientHello", "alert_sent", "not enabled or supported|not accepted by server"))
HELLO10 = "hex:160301002a 02000026 0301" + "5f" * 32 + "00c01300"
Scenario("no-common-protocol-version-tls10-answer", "the server answers the hello with a ServerHello of TLS 1.0",
         conf({"server.kind": "raw", "server.reply": HELLO10}),
         client=Fail("no-common-protocol-version", "ServerHello", "alert_sent", "not accepted by client preferences"))
for v in V:
    Scenario("no-common-named-group-tls" + v, "the client has secp256r1 only, the server secp384r1 only", conf(
        only(v), {} if v == "13" else {"client.ciphers": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,"
                                                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}),
        client=refused(["refused-without-reason", "no-common-named-group"], "handshake_failure|unexpected_message",
                       **REFUSED_HELLO),
        server=Fail(["no-common-named-group"] + ([] if v == "13" else ["no-common-cipher-suite"]), "ClientHello",
                    "alert_sent", "No common named group|no cipher suites in common"), modes=("two",),
        jvm={"client": ["-Djdk.tls.namedGroups=secp256r1"], "server": ["-Djdk.tls.namedGroups=secp384r1"]}, needs=11)
    Scenario("no-common-signature-scheme-tls" + v,
             "the client accepts rsa_pss_rsae_sha256 only, the server signs with rsa_pss_rsae_sha512 only", conf(only(v)),
             client=refused(["refused-without-reason", "no-common-signature-scheme"], "handshake_failure", **REFUSED_HELLO),
             server=Fail("no-common-signature-scheme", "ClientHello", "alert_sent", "No supported signature algorithm"),
             modes=("two",), needs=12,
             jvm={"client": ["-Djdk.tls.client.SignatureSchemes=rsa_pss_rsae_sha256"],
                  "server": ["-Djdk.tls.server.SignatureSchemes=rsa_pss_rsae_sha512"]})
    Scenario("no-common-application-protocol-tls" + v, "the client speaks http/1.1 only, the server h2 only",
             conf(only(v), {"client.alpn": "http/1.1", "server.alpn": "h2"}),
             client=refused("no-common-application-protocol", "no_application_protocol", **REFUSED_HELLO),
             server=Fail("no-common-application-protocol", "ClientHello", "alert_sent", "No matching application layer"))
    Scenario("server-name-unrecognized-tls" + v, "the server knows www.lab.example only",
             conf(only(v), {"server.sni": r"www\.lab\.example"}),
             client=refused("server-name-unrecognized", "unrecognized_name", **REFUSED_HELLO),
             server=Fail("server-name-unrecognized", "ClientHello", "alert_sent", "Unrecognized server name"))
    # A TLS 1.3 server looks for its key only when its ServerHello and EncryptedExtensions are on the way.
    gone = "ClientHello" if v == "12" else "EncryptedExtensions"
    for suffix, key, text in (("", "none", "the server's key store is empty"),
                              ("-dsa", "api-dsa", "the server's only key is a DSA key, of no use to this client")):
        if suffix and v == "12":
            continue
        Scenario("server-key-missing%s-tls%s" % (suffix, v), text, conf(only(v), {"server.key": key}),
                 client=refused(["refused-without-reason", "server-key-missing"], "handshake_failure", gone, reset=False),
                 server=Fail("server-key-missing", gone, "alert_sent",
                             "No available authentication scheme|no cipher suites in common"))
Scenario("server-key-wrong-type-tls12", "the client has ECDHE_ECDSA suites only, the server's key is RSA", conf(
    only("12"), {"client.ciphers": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}),
    client=refused("refused-without-reason", "handshake_failure", **REFUSED_HELLO),
    server=Fail(["server-key-missing", "no-common-cipher-suite"], "ClientHello", "alert_sent", "no cipher suites in common"))
Scenario("removed-by-jdk-update-static-rsa", "an old client has suites with RSA key transport only, which the server's JDK has dropped",
         conf({"client.protocols": "TLSv1.2", "client.ciphers": "TLS_RSA_WITH_AES_256_GCM_SHA384,TLS_RSA_WITH_AES_128_GCM_SHA256",
               "client.security.jdk.tls.disabledAlgorithms": "SSLv3, NULL, anon"}),
         client=refused(["refused-without-reason"], "handshake_failure", **REFUSED_HELLO),
         server=Fail("no-common-cipher-suite", "ClientHello", "alert_sent", "no cipher suites in common"),
         modes=("two",), logs=["server"], needs=24)
Scenario("crypto-provider-missing-tls13", "the client's runtime was made without jdk.crypto.ec (before 22), the server has curves only",
         conf(), client=refused(["crypto-provider-missing"], "handshake_failure|unexpected_message", **REFUSED_HELLO),
         server=Fail("no-common-named-group", "ClientHello", "alert_sent", "No common named group|no cipher suites in common"),
         jvm={"client": ["--limit-modules", "java.base"], "server": ["-Djdk.tls.namedGroups=x25519,secp256r1"]},
         modes=("two",), logs=["client"], needs=11, until=21)
Scenario("disabled-by-local-policy-protocol", "the client switches on TLS 1.1 only, which the JDK disables",
         conf({"client.protocols": "TLSv1.1"}),
         client=Fail("disabled-by-local-policy", None, "local_exception", "No appropriate protocol"),
         server=[Fail(["peer-closed-during-handshake", "probe-or-scanner"], None, "peer_closed", GONE),
                 Fail(["connection-reset-during-handshake", "probe-or-scanner"], None, "reset", RESET)])
Scenario("disabled-by-local-policy-suite", "the client's only suite is an anonymous one, which the JDK disables",
         conf(only("12"), {"client.ciphers": "TLS_DH_anon_WITH_AES_128_GCM_SHA256"}),
         client=Fail("disabled-by-local-policy", None, "local_exception", "No appropriate protocol"),
         logs=["client"], modes=("two",),
         server=[Fail(["peer-closed-during-handshake", "probe-or-scanner"], None, "peer_closed", GONE + "|" + RESET)])
Scenario("disabled-by-local-policy-server", "the server switches on TLS 1.1 only, which the JDK disables",
         conf({"server.protocols": "TLSv1.1", "client.protocols": "TLSv1.2"}),
         client=[Fail(["peer-closed-during-handshake", "refused-without-reason", "no-server-hello"], "ClientHello", "peer_closed", GONE),
                 Fail(["connection-reset-during-handshake", "no-server-hello"], "ClientHello", "reset", RESET),
                 Fail(["refused-without-reason"], "ClientHello", "alert_received", "Received fatal alert: handshake_failure")],
         server=Fail("disabled-by-local-policy", [None, "ClientHello"], ["local_exception", "alert_sent"], "No appropriate protocol"))

# -- trust


def untrusted(name, rules, description, api, *parts, versions=("13", "12"), alert="certificate_unknown", after="Certificate",
              how="alert_sent", findings=(), **more):
    for v in versions:
        Scenario("%s-tls%s" % (name, v), description, conf(only(v), *parts),
                 client=Fail(rules, after, how, api, version=V[v]),
                 server=refused("certificate-rejected-by-peer", alert, SERVER_FLIGHT[v], SERVER_LATE[v], version=V[v]),
                 findings=findings, **more)


PATH = "unable to find valid certification path"
DATE = "validity check failed"
untrusted("incomplete-certificate-chain", "incomplete-certificate-chain", "the server sends its leaf without the intermediate",
          PATH, {"server.chain": "0"})
untrusted("incomplete-certificate-chain-two-anchors", "incomplete-certificate-chain",
          "the same; the client's trust store has two roots", PATH, {"server.chain": "0", "client.trust": "other-root,root"},
          versions=("13",))
untrusted("untrusted-root", "untrusted-root", "the chain is whole with its root, the client trusts another root", PATH,
          {"server.chain": "0,1,2", "client.trust": "other-root"})
untrusted("untrusted-root-not-sent", "untrusted-root",
          "leaf and intermediate are sent, the client trusts another root", PATH, {"client.trust": "other-root"},
          versions=("12",))
untrusted("untrusted-root-wide", "untrusted-root",
          "leaf and intermediate are sent, the client trusts what the JDK's cacerts has", PATH,
          {"client.trust": "default"}, versions=("13",), modes=("two",), logs=["client"],
          jvm={"client": ["-Djavax.net.ssl.trustStore=cacerts", "-Djavax.net.ssl.trustStorePassword=changeit"]})
untrusted("self-signed-certificate", "self-signed-certificate", "the server's certificate is signed by itself", PATH,
          {"server.key": "self-signed", "server.chain": "0"})
untrusted("certificate-expired", "certificate-expired", "the leaf is valid no longer", DATE, {"server.key": "api-expired"},
          alert="certificate_unknown|certificate_expired")
untrusted("certificate-expired-intermediate", "certificate-expired", "the intermediate is valid no longer",
          DATE, {"server.key": "api-inter-expired"}, alert="certificate_unknown|certificate_expired",
          versions=("12",))
untrusted("certificate-not-yet-valid", "certificate-not-yet-valid", "the leaf is not valid yet", DATE,
          {"server.key": "api-future"}, alert="certificate_unknown|bad_certificate|certificate_expired")
untrusted("hostname-mismatch", "hostname-mismatch", "the client wants a name that the certificate has not",
          "No subject alternative DNS name", {"client.host": "shop.lab.example"})
untrusted("hostname-mismatch-certificate", "hostname-mismatch", "the server shows the certificate of another host",
          "No subject alternative DNS name", {"server.key": "wrong-host"}, versions=("12",))
untrusted("ip-address-mismatch", "ip-address-mismatch", "the client connects by address, the certificate has names only",
          "No subject alternative names", {"client.host": "127.0.0.1"})
untrusted("ip-address-mismatch-other", "ip-address-mismatch", "the certificate is for another address",
          "No subject alternative names matching IP", {"client.host": "127.0.0.1", "server.key": "ip-only"}, versions=("13",))
untrusted("hostname-mismatch-ip-only", "hostname-mismatch", "the client connects by name, the certificate has an address only",
          "No subject alternative (DNS )?name|No name matching", {"server.key": "ip-only"}, versions=("12",))
untrusted("wrong-key-usage", "wrong-key-usage", "the server shows a certificate for clients only",
          "Extended key usage does not permit", {"server.key": "wrong-eku"})
untrusted("truststore-empty", "truststore-unusable", "the client's trust store is empty", "trustAnchors parameter must be non-empty",
          {"client.trust": "empty"}, alert="internal_error|certificate_unknown", how=["alert_sent", "local_exception"])
untrusted("truststore-file-missing", ["truststore-unusable", "untrusted-root"],
          "javax.net.ssl.trustStore names a file that is not there; the JDK falls back to cacerts without a word", PATH,
          {"client.trust": "default"}, versions=("13",), modes=("two",), logs=["client"], exact=("17", "25"),
          jvm={"client": ["-Djavax.net.ssl.trustStore=missing.p12", "-Djavax.net.ssl.trustStorePassword=changeit"]})
Scenario("tls-interception-tls13", "a box in between shows each client a certificate of its own making, for two sites of two owners",
         conf(only("13"), {"client.connections": "2", "client.1.host": "www.shop.example", "server.kind": "engine",
                           "server.0.key": "api-inspected", "server.1.key": "shop-inspected"}),
         client=lambda i: Fail("tls-interception", "Certificate", "alert_sent", PATH, version="TLSv1.3"),
         modes=("two",), logs=["client"])
success("chain-misordered", "root, then intermediate, behind the leaf the wrong way round; the JDK does not mind",
        only("12"), {"server.chain": "0,2,1", "server.keymanager": "forced"}, version="TLSv1.2")

# -- client authentication

NEED = {"server.auth": "need"}
for v in V:
    talk = "talk|handshake" if v == "13" else "handshake"
    late = ["Certificate", "CertificateVerify", "Finished"] + ([] if v == "13" else ["ClientKeyExchange"])
    no_cert = "handshake_failure|bad_certificate|certificate_required"
    bad_cert = "certificate_unknown|bad_certificate|certificate_expired|unknown_ca"
    Scenario("client-certificate-missing-tls" + v, "the server needs a client certificate, the client has no key store",
             conf(only(v), NEED), client=refused("client-certificate-missing", no_cert, "Finished", late, talk, V[v]),
             server=Fail("client-certificate-missing", "Certificate", "alert_sent", "Empty (client|server) certificate chain",
                         version=V[v]))
    Scenario("no-client-certificate-for-authorities-tls" + v,
             "the client has a certificate, but not of a CA that the server asks for, and sends none",
             conf(only(v), NEED, {"client.key": "client-other"}),
             # without `keymanager`, JDKs below 25 do not print that there was a key at all
             client=refused(["no-client-certificate-for-authorities", "client-certificate-missing"], no_cert, "Finished", late, talk, V[v]),
             server=Fail("client-certificate-missing", "Certificate", "alert_sent", "Empty (client|server) certificate chain",
                         version=V[v]))
    Scenario("client-certificate-rejected-tls" + v, "the client sends a certificate of a CA that the server does not trust",
             conf(only(v), NEED, {"client.key": "client-other", "client.keymanager": "forced"}),
             client=refused("client-certificate-rejected", bad_cert, "Finished", late, talk, V[v]),
             server=Fail("client-certificate-rejected", "Certificate", "alert_sent", PATH, version=V[v]))
    Scenario("client-certificate-rejected-relayed-tls" + v,
             "the same with a relay in between, so that the server's alert is not overtaken by the end of the connection",
             conf(only(v), NEED, {"client.key": "client-other", "client.keymanager": "forced", "relay.records": "999"}),
             client=refused("client-certificate-rejected", bad_cert, "Finished", at="talk" if v == "13" else "handshake",
                            version=V[v], reset=False),
             server=Fail("client-certificate-rejected", "Certificate", "alert_sent", PATH, version=V[v]))
    Scenario("client-certificate-expired-tls" + v, "the client's certificate is valid no longer",
             conf(only(v), NEED, {"client.key": "client-expired"}),
             client=refused("client-certificate-rejected", bad_cert, "Finished", late, talk, V[v]),
             server=Fail(["client-certificate-rejected", "certificate-expired"], "Certificate", "alert_sent", DATE, version=V[v]))
    Scenario("client-certificate-incomplete-tls" + v, "the client sends its leaf without the intermediate",
             conf(only(v), NEED, {"client.key": "client-good", "client.chain": "0", "client.keymanager": "forced"}),
             client=refused("client-certificate-rejected", bad_cert, "Finished", late, talk, V[v]),
             server=Fail(["client-certificate-rejected", "incomplete-certificate-chain"], "Certificate", "alert_sent", PATH,
                         version=V[v]))

# -- peer and transport


def raw(name, rules, description, api, after="ClientHello", how="alert_received", modes=("two",), **server):
    Scenario(name, description, conf({"server.kind": "raw"}, {"server." + key: value for key, value in server.items()}),
             client=Fail(rules, after, how, api), modes=modes)


Scenario("handshake-timeout", "the server takes the connection and never answers; the client waits 1.5 s",
         conf({"server.kind": "raw", "server.then": "hang", "client.timeout": "1500"}),
         client=Fail("handshake-timeout", "ClientHello", "timeout", "Read timed out"))
raw("closed-after-client-hello", "peer-closed-during-handshake", "the server ends the connection on the ClientHello", GONE,
    how="peer_closed", then="close")
raw("reset-after-client-hello", "connection-reset-during-handshake", "the server resets the connection on the ClientHello",
    "Connection reset", how="reset", then="reset")
for number, alert, rules in ((40, "handshake_failure", ["refused-without-reason"]),
                             (112, "unrecognized_name", ["server-name-unrecognized"]),
                             (80, "internal_error", ["refused-without-reason"]),
                             (70, "protocol_version", ["no-common-protocol-version"]),
                             (49, "access_denied", ["refused-without-reason"])):
    raw("alert-" + alert.replace("_", "-"), rules, "the server answers the ClientHello with the alert " + alert,
        "Received fatal alert: " + alert, reply="hex:15030300020228"[:-2] + "%02x" % number)
raw("alert-unrecognized-name-warning", ["server-name-unrecognized", "peer-closed-during-handshake"],
    "the alert unrecognized_name as a warning, then the end of the connection", GONE + "|unrecognized_name",
    how=["peer_closed", "alert_sent", "alert_received", "local_exception"], reply="hex:15030300020170")
PLAIN = "Unsupported or unrecognized SSL message"
raw("plaintext-peer-http", "plaintext-peer", "the server answers in plain HTTP", PLAIN, how=["local_exception", "alert_sent"],
    reply="text:HTTP/1.1 400 Bad Request\r\nServer: lab\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
raw("plaintext-peer-smtp", "plaintext-peer", "a mail server greets before anything was asked", PLAIN,
    how=["local_exception", "alert_sent"], after="ClientHello", first="yes", reply="text:220 mail.lab.example ESMTP\r\n")
for v, records, after, mine in (("12", 1, "ServerHello", None), ("12", 2, "Certificate", None),
                                ("12", 4, "Finished", Ok("TLSv1.2")), ("13", 1, "ServerHello", None),
                                ("13", 3, "EncryptedExtensions", None)):
    Scenario("cut-tls%s-after-%d" % (v, records), "a box in between ends the connection after %d records of the server" % records,
             conf(only(v), {"relay.records": str(records)}),
             client=[Fail("peer-closed-during-handshake", after, "peer_closed", GONE, version=V[v]),
                     Fail("connection-reset-during-handshake", after, "reset", RESET, version=V[v])],
             server=mine or [Fail("peer-closed-during-handshake", SERVER_FLIGHT[v], "peer_closed", GONE, version=V[v]),
                             Fail("connection-reset-during-handshake", SERVER_FLIGHT[v], "reset", RESET, version=V[v])],
             modes=("both",))
Scenario("reset-tls12-after-server-hello", "a box in between resets the connection after the server's first record",
         conf(only("12"), {"relay.records": "1", "relay.then": "reset"}),
         client=Fail("connection-reset-during-handshake", "ServerHello", "reset", "Connection reset", version="TLSv1.2"),
         server=Fail("connection-reset-during-handshake", "ServerHelloDone", "reset", "Connection reset", version="TLSv1.2"),
         modes=("both",))
Scenario("reset-tls12-after-finished", "a box in between resets the connection when the handshake is done",
         conf(only("12"), {"relay.records": "7", "relay.then": "reset"}), server=None,
         client=Ok("TLSv1.2", may_fail_later=RESET), logs=["client"], modes=("two",))
Scenario("timeout-tls12-after-server-hello", "a box in between lets nothing through after the server's first record",
         conf(only("12"), {"relay.records": "1", "relay.then": "hang", "client.timeout": "1500"}),
         client=Fail("handshake-timeout", "ServerHello", "timeout", "Read timed out", version="TLSv1.2"), modes=("two",), server=None)
Scenario("client-goes-mid-handshake-tls12", "an SSLEngine client closes the connection when the server's flight has begun",
         conf(only("12"), {"client.kind": "engine", "client.stopafter": "2"}),
         client=Fail(["log-ends-mid-handshake", "undetermined"], ["ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"], "log_ends",
                     "on purpose", outcome="unfinished"),
         server=[Fail(["peer-closed-during-handshake", "certificate-rejected-by-peer"], "ServerHelloDone", "peer_closed", GONE, version="TLSv1.2"),
                 Fail(["connection-reset-during-handshake", "certificate-rejected-by-peer"], ["Certificate", "ServerKeyExchange", "ServerHelloDone"], "reset", RESET,
                      version="TLSv1.2")], modes=("two",))
Scenario("plaintext-client-http", "a browser speaks plain HTTP to the TLS port",
         conf({"client.kind": "raw", "client.send": "text:GET / HTTP/1.1\r\nHost: api.lab.example\r\n\r\n"}),
         server=Fail("plaintext-client", None, ["local_exception", "alert_sent"], PLAIN))
Scenario("plaintext-client-smtp", "a mail client waits for nothing and says EHLO",
         conf({"client.kind": "raw", "client.send": "text:EHLO client.lab.example\r\n"}),
         server=Fail("plaintext-client", None, ["local_exception", "alert_sent"], PLAIN))
Scenario("tcp-probe", "a health check connects and closes", conf({"client.kind": "raw"}),
         server=Fail(["probe-or-scanner", "peer-closed-during-handshake"], None, "peer_closed", GONE))
Scenario("tcp-probes-and-one-client", "a health check connects and closes five times, then a client comes",
         conf({"client.kind": "raw", "client.connections": "6", "client.5.kind": "tls"}),
         server=lambda i: Fail(["probe-or-scanner", "peer-closed-during-handshake"], None, "peer_closed", GONE) if i < 5
         else Ok("TLSv1.3"), client=Ok("TLSv1.3"), logs=["server"], modes=("two",))
Scenario("port-scanner", "a port scanner sends bytes of no protocol",
         conf({"client.kind": "raw", "client.send": "hex:0000002a0c100001ffffff00deadbeef0102030405060708"}),
         server=Fail(["probe-or-scanner", "plaintext-client"], None, ["local_exception", "alert_sent", "peer_closed"],
                     PLAIN + "|" + GONE + "|Unknown record type|Unsupported"))

# -- the log


def end_in(marker, more):
    def cut(text):
        at = text.index(marker) + len(marker) + more
        return text[:at]
    return cut


def begin_in(marker, more):
    def cut(text):
        at = text.index(marker) + len(marker) + more
        return text[at:]
    return cut


ENDS = dict(how="log_ends", api="^$", outcome="unfinished")
Scenario("log-ends-in-certificate", "the log of a good handshake, cut within the entry of the server's Certificate (head -c)",
         conf(only("12")), client=Fail("log-ends-mid-handshake", ["ServerHello", "Certificate"], version="TLSv1.2", **ENDS),
         server=Ok("TLSv1.2"), logs=["client"], modes=("two",), findings=["log-ends-mid-handshake"],
         cut=end_in("Consuming server Certificate handshake message", 900))
Scenario("log-ends-in-client-hello", "the log of a good handshake, cut within the ClientHello (head -c)", conf(only("13")),
         client=Fail("log-ends-mid-handshake", [None, "ClientHello"], **ENDS), server=Ok("TLSv1.3"), logs=["client"],
         modes=("two",), findings=["log-ends-mid-handshake"], cut=end_in("Produced ClientHello handshake message", 250))
Scenario("log-begins-in-server-hello", "the log of a good handshake, begun within the ServerHello (tail -c)", conf(only("12")),
         client=Ok("TLSv1.2"), server=Ok("TLSv1.2"), logs=["client"], modes=("two",), findings=["log-begins-mid-handshake"],
         cut=begin_in("Consuming ServerHello handshake message", 300))

# ------------------------------------------------------------------------------------------------------------ the plan

HANDSHAKE = "ssl:handshake"
OPTIONS = ["all", "ssl", "ssl,handshake", "ssl:handshake:verbose", "ssl:record:plaintext", "ssl,keygen", "ssl:handshake:data",
           "ssl:record"]
CORE = ["tls13-rsa", "tls12-ecdhe-rsa", "resumption-tls12", "resumption-tls13", "mtls-tls13", "no-common-cipher-suite-tls13",
        "no-common-protocol-version-old-server", "incomplete-certificate-chain-tls13", "untrusted-root-tls12",
        "certificate-expired-tls13", "hostname-mismatch-tls12", "client-certificate-missing-tls13",
        "client-certificate-missing-tls12", "client-certificate-rejected-relayed-tls13", "server-key-missing-tls13",
        "plaintext-peer-http", "closed-after-client-hello", "handshake-timeout"]
FEW = ["tls13-rsa", "untrusted-root-tls12"]
TRUST = ["incomplete-certificate-chain-tls13", "incomplete-certificate-chain-two-anchors-tls13", "untrusted-root-tls13",
         "untrusted-root-not-sent-tls12", "self-signed-certificate-tls12", "certificate-expired-tls12"]
# Too many bytes for too little news on JDK 25, whose preamble alone is 35 KB a JVM: recorded on the others only.
NOT_25 = ["alpn-tls1[23]", "key-update-*", "resumption-tls12", "tls11", "tls12-ecdhe-ecdsa", "cut-tls12-after-[124]", "hello-retry-request-by-api", "wrong-key-usage-tls12", "no-sni-tls12", "cut-tls13-after-1", "reset-tls12-*", "timeout-tls12-*", "zone-kolkata", "mtls-no-*", "tls13-chacha20",
          "tls12-server-cbc", "tls12-*-of-both", "alert-access-denied", "alert-internal-error", "plaintext-*-smtp", "tcp-probes-*",
          "wide-trust-store", "*-two-anchors-*", "untrusted-root-not-sent-*", "certificate-expired-intermediate-*",
          "hostname-mismatch-certificate-*", "hostname-mismatch-ip-only-*", "ip-address-mismatch-*", "chain-misordered",
          "server-key-wrong-*", "server-key-missing-dsa-*", "disabled-by-local-policy-suite", "no-common-cipher-suite-version-gap",
          "log-ends-in-client-hello", "tls12-static-rsa", "tls10", "client-certificate-incomplete-*", "tls13-ed25519", "tls12-dhe-rsa",
          "client-goes-*", "alert-unrecognized-name", "alert-protocol-version", "engine-untrusted-*", "client-auth-*",
          "no-common-protocol-version-old-client", "thread-names", "zone-offset-*"]
# Long logs: for these JDKs only.
HEAVY = {"many-one-bad": ["17"], "several-one-bad": [], "concurrent": [], "wide-trust-store": ["17"],
         "untrusted-root-wide-tls13": ["17"]}


def plan(label):
    """(scenario, option, mode, ends) of what is committed for one JDK; of two JVMs' logs, those of these ends."""
    jobs, both = [], ("client", "server")
    if label == "17":
        for n, s in enumerate(SCENARIOS.values()):
            if label in HEAVY.get(s.name, [label]):
                mode = s.modes[n % len(s.modes)]
                one_end = mode == "two" and not s.fails and s.name not in CORE and s.name != "hello-retry-request"
                jobs.append((s, HANDSHAKE, mode, [both[n // 2 % 2]] if one_end else both))
        for n, option in enumerate(OPTIONS):
            jobs += [(SCENARIOS[name], option, "both", both)
                     for name in (FEW if option in ("ssl", "ssl:record") else [FEW[n % 2]])]
        jobs += [(SCENARIOS[name], "ssl:handshake:packet", "two", both)
                 for name in ("plaintext-peer-http", "plaintext-peer-smtp", "plaintext-client-http")]
        for n, name in enumerate(TRUST):
            modes = SCENARIOS[name].modes
            jobs.append((SCENARIOS[name], "ssl:handshake:trustmanager", modes[n % len(modes)], both))
    elif label == "25":
        # Its preamble is long: of a fault that is there for TLS 1.3 and 1.2, one of the two by turns, and mostly one end.
        twins = 0
        for n, s in enumerate(SCENARIOS.values()):
            twin = s.name[:-1] + {"3": "2", "2": "3"}.get(s.name[-1], "")
            if s.name.endswith("-tls13") and twin in SCENARIOS:
                twins += 1
            if twin in SCENARIOS and s.name not in CORE and (twin in CORE or s.name[-1] != "32"[twins % 2]):
                continue
            if label not in HEAVY.get(s.name, [label]) or any(fnmatch.fnmatch(s.name, p) for p in NOT_25):
                continue
            if len(s.modes) == 2 and s.name not in CORE[:1] + CORE[7:9] + CORE[11:12]:
                jobs.append((s, HANDSHAKE, "two", [both[n // 2 % 2]]))
            else:
                jobs.append((s, HANDSHAKE, s.modes[0], both))
        jobs += [(SCENARIOS[FEW[0]], option, "both", both) for option in ("all", "ssl:record:plaintext")]
        jobs += [(SCENARIOS[FEW[1]], option, "both", both) for option in ("ssl", "ssl:record")]
        jobs = [job for job in jobs if job[0].name not in ("tls-interception-tls13",)]
    elif label == "17.0.9":
        for option in (HANDSHAKE, "ssl", "ssl:record"):
            jobs += [(SCENARIOS[name], option, "both", both) for name in FEW]
    else:
        for n, name in enumerate(CORE if label != "27" else CORE[:2] + CORE[4:12]):
            s = SCENARIOS[name]
            jobs.append((s, HANDSHAKE, s.modes[n % len(s.modes)], both))
        extra = {"11": "concurrent"}.get(label)
        if extra:
            jobs.append((SCENARIOS[extra], HANDSHAKE, "both", both))
        for option in ("ssl", "ssl:record", "ssl:record:plaintext"):
            jobs += [(SCENARIOS[name], option, "both", both) for name in (FEW if option == "ssl" and label != "27" else FEW[:1])]
    return jobs


def slug(option):
    return option.replace(":", "-").replace(",", "+")


# -------------------------------------------------------------------------------------------------------- certificates

ROOT = "CN=Lab Root CA, O=Example Lab, C=XX"
OTHER = "CN=Other Root CA, O=Other Lab, C=XX"
NAMES = "san=dns:api.lab.example,dns:www.lab.example"
LEAF = ["ku=digitalSignature,keyEncipherment"]
# alias, subject, issuer alias (None: itself), key, starts, days, extensions
CERTIFICATES = [
    ("root", ROOT, None, "rsa", "-400d", 7300, ["bc:c=ca:true", "ku:c=keyCertSign,cRLSign"]),
    ("inter", "CN=Lab Issuing CA 1, O=Example Lab, C=XX", "root", "rsa", "-390d", 3650,
     ["bc:c=ca:true,pathlen:0", "ku:c=keyCertSign,cRLSign"]),
    ("inter-expired", "CN=Lab Issuing CA 0, O=Example Lab, C=XX", "root", "rsa", "-390d", 380,
     ["bc:c=ca:true,pathlen:0", "ku:c=keyCertSign,cRLSign"]),
    ("other-root", OTHER, None, "rsa", "-400d", 7300, ["bc:c=ca:true", "ku:c=keyCertSign,cRLSign"]),
    ("api-rsa", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "rsa", "-30d", 3000, LEAF + ["eku=serverAuth", NAMES]),
    ("api-ec", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "ec", "-30d", 3000, ["ku=digitalSignature", "eku=serverAuth", NAMES]),
    ("api-ed", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "ed", "-30d", 3000, ["ku=digitalSignature", "eku=serverAuth", NAMES]),
    ("api-dsa", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "dsa", "-30d", 3000, ["ku=digitalSignature", "eku=serverAuth", NAMES]),
    ("api-expired", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "rsa", "-120d", 90, LEAF + ["eku=serverAuth", NAMES]),
    ("api-inter-expired", "CN=api.lab.example, O=Example Lab, C=XX", "inter-expired", "rsa", "-30d", 3000,
     LEAF + ["eku=serverAuth", NAMES]),
    ("api-future", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "rsa", "+3600d", 90, LEAF + ["eku=serverAuth", NAMES]),
    ("wrong-host", "CN=mail.lab.example, O=Example Lab, C=XX", "inter", "rsa", "-30d", 3000,
     LEAF + ["eku=serverAuth", "san=dns:mail.lab.example,dns:*.mail.lab.example"]),
    ("ip-only", "CN=10.20.30.40, O=Example Lab, C=XX", "inter", "rsa", "-30d", 3000, LEAF + ["eku=serverAuth", "san=ip:10.20.30.40"]),
    ("wrong-eku", "CN=api.lab.example, O=Example Lab, C=XX", "inter", "rsa", "-30d", 3000, LEAF + ["eku=clientAuth", NAMES]),
    ("self-signed", "CN=api.lab.example, O=Example Lab, C=XX", None, "rsa", "-30d", 3000, [NAMES]),
    ("inspector", "CN=Gateway Inspection CA, OU=TLS Inspection, O=Example Secure Web Gateway, C=XX", None, "rsa", "-400d", 7300,
     ["bc:c=ca:true", "ku:c=keyCertSign,cRLSign"]),
    ("api-inspected", "CN=api.lab.example, O=Example Lab, C=XX", "inspector", "rsa", "-1d", 30, LEAF + ["eku=serverAuth", NAMES]),
    ("shop-inspected", "CN=www.shop.example, O=Example Shop, C=XX", "inspector", "rsa", "-1d", 30,
     LEAF + ["eku=serverAuth", "san=dns:www.shop.example"]),
    ("client-good", "CN=client one, O=Example Lab, C=XX", "inter", "rsa", "-30d", 3000, LEAF + ["eku=clientAuth"]),
    ("client-other", "CN=client two, O=Other Lab, C=XX", "other-root", "rsa", "-30d", 3000, LEAF + ["eku=clientAuth"]),
    ("client-expired", "CN=client three, O=Example Lab, C=XX", "inter", "rsa", "-120d", 90, LEAF + ["eku=clientAuth"]),
]
KEYS = {"rsa": ["-keyalg", "RSA", "-keysize", "2048"], "ec": ["-keyalg", "EC", "-groupname", "secp256r1"],
        "ed": ["-keyalg", "Ed25519"], "dsa": ["-keyalg", "DSA", "-keysize", "2048"]}


def certificates(work, maker):
    store = os.path.join(work, "lab.p12")
    if os.path.exists(store):
        return
    half = "%s.%d" % (store, os.getpid())
    if os.path.exists(half):
        os.remove(half)
    say("making %d certificates" % len(CERTIFICATES))
    tool = [os.path.join(maker, "bin", "keytool"), "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Duser.language=en"]
    common = ["-keystore", half, "-storetype", "PKCS12", "-storepass", "changeit"]

    def keytool(command, *args, feed=None):
        done = subprocess.run(tool + [command] + common + list(args), input=feed, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            die("keytool %s failed: %s" % (command, (done.stdout + done.stderr).decode(errors="replace")))
        return done.stdout

    for alias, subject, issuer, key, starts, days, extensions in CERTIFICATES:
        dates = ["-startdate", starts, "-validity", str(days)]
        exts = [word for ext in extensions for word in ("-ext", ext)]
        keytool("-genkeypair", "-alias", alias, "-dname", subject, *KEYS[key], *(dates + exts if issuer is None else []))
        if issuer is not None:
            request = keytool("-certreq", "-alias", alias)
            reply = keytool("-gencert", "-alias", issuer, "-rfc", *dates, *exts, feed=request)
            keytool("-importcert", "-alias", alias, "-noprompt", feed=reply)
    pem = keytool("-exportcert", "-alias", "root", "-rfc")
    wide = os.path.join(work, "cacerts-and-root")
    shutil.copy(os.path.join(maker, "lib", "security", "cacerts"), os.path.join(work, "cacerts"))
    shutil.copy(os.path.join(work, "cacerts"), wide)
    os.chmod(wide, 0o600)
    done = subprocess.run(tool + ["-importcert", "-keystore", wide, "-storepass", "changeit", "-noprompt", "-alias", "lab-root"],
                          input=pem, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        die("keytool -importcert failed: " + done.stdout.decode(errors="replace"))
    os.rename(half, store)


# ------------------------------------------------------------------------------------------------------------- running


def say(text):
    print(text, file=sys.stderr, flush=True)


def die(text):
    say("record.py: " + text)
    sys.exit(2)


class Disagrees(Exception):
    pass


class Recorder:
    def __init__(self, work, out):
        self.work, self.out = work, out
        self.enough = {}
        self.versions = {}

    def jvm(self, home, scenario, option, mode, directory, side):
        """One JVM's command line."""
        language, country = scenario.locale
        command = [os.path.join(home, "bin", "java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
                   "-Duser.language=" + language, "-Duser.country=" + country, "-Duser.timezone=" + scenario.zone]
        if option is not None:
            command.append("-Djavax.net.debug=" + option)
        command += scenario.jvm.get(side, [])
        command += ["-cp", os.path.join(self.work, "classes"), "Lab", "lab.conf", mode, "result." + side]
        log = open(os.path.join(directory, side + ".log"), "wb")
        return subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def run(self, home, scenario, option, mode):
        """Runs one scenario; gives {side: log text} and the reports of both ends."""
        directory = tempfile.mkdtemp(prefix="run-", dir=self.work)
        try:
            for name in ("lab.p12", "cacerts", "cacerts-and-root"):
                os.symlink(os.path.join(self.work, name), os.path.join(directory, name))
            with open(os.path.join(directory, "lab.conf"), "w", encoding="utf-8") as out:
                for key in sorted(scenario.conf):
                    value = scenario.conf[key].replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
                    if value.endswith(" "):
                        value = value[:-1] + "\\u0020"
                    out.write("%s=%s\n" % (key, value))
            sides = ["both"] if mode == "both" else ["server", "client"]
            running = [self.jvm(home, scenario, option, side, directory, side) for side in sides]
            for process in running:
                try:
                    code = process.wait(timeout=120)
                except subprocess.TimeoutExpired:
                    for one in running:
                        one.kill()
                    raise Disagrees("the JVM did not come to an end")
                if code != 0:
                    texts = [open(os.path.join(directory, s + ".log"), errors="replace").read()[-1500:] for s in sides]
                    for one in running:
                        if one.poll() is None:
                            one.kill()
                    raise Disagrees("the JVM ended with %d: %s" % (code, "\n".join(texts)))
            logs, reports = {}, []
            for side in sides:
                with open(os.path.join(directory, side + ".log"), encoding="utf-8", errors="surrogateescape", newline="") as log:
                    logs[side] = log.read()
                with open(os.path.join(directory, "result." + side), encoding="utf-8") as lines:
                    head, *rest = [json.loads(line) for line in lines]
                reports += rest
            return logs, reports, head
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def prints_enough(self, home, label, option):
        """Does this option make this JDK print the bodies of handshake messages? Tried once with a plain good handshake."""
        if (label, option) not in self.enough:
            logs, _, _ = self.run(home, SCENARIOS["tls13-rsa"], option, "both")
            self.enough[label, option] = "ClientHello handshake message (\n" in logs["both"] and '"ClientHello": {' in logs["both"]
        return self.enough[label, option]

    def record(self, home, label, scenario, option, mode, keep):
        logs, reports, head = self.run(home, scenario, option, mode)
        enough = self.prints_enough(home, label, option)
        seen = {end: judge(scenario, end, [r for r in reports if r["end"] == end]) for end in ("client", "server")}
        if scenario.ends["client"] is not None and scenario.ends["server"] is not None and "parallel" in str(scenario.conf):
            counts = [sum(h.get("count", 1) for h in seen[end][0] if h["outcome"] == "established") for end in seen]
            if counts[0] != counts[1]:
                raise Disagrees("established at the client %d, at the server %d" % tuple(counts))
        written = []
        for side, text in logs.items():
            if side != "both" and side not in keep:
                continue
            ends = ["client", "server"] if side == "both" else [side]
            ends = [end for end in ends if end in scenario.logs]
            if not ends:
                continue
            if scenario.cut:
                text = scenario.cut(text)
            findings = list(scenario.findings) if "client" in ends or scenario.cut else []
            if not enough:
                findings.append("debug-option-too-narrow")
            truth = {
                "scenario": scenario.name,
                "description": scenario.description,
                "java_version": head["java_version"],
                "jdk": label,
                "option": option,
                "mode": side,
                "enough": enough,
                "handshakes": [h for end in ends for h in seen[end][0]],
                "findings": findings,
                "api": {end: seen[end][1] for end in ("client", "server")},
            }
            base = os.path.join(self.out, label, "%s.%s.%s" % (scenario.name, slug(option), side))
            os.makedirs(os.path.dirname(base), exist_ok=True)
            with open(base + ".log", "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
                out.write(text)
            with open(base + ".truth.json", "w", encoding="utf-8") as out:
                out.write(pretty(truth))
            written.append((base, len(text)))
        return written


def pretty(truth):
    """JSON with one handshake a line: easier to read side by side with the log."""
    rows = []
    for key, value in truth.items():
        if key == "handshakes" and value:
            text = "[\n" + ",\n".join("    " + json.dumps(h, ensure_ascii=False) for h in value) + "\n  ]"
        else:
            text = json.dumps(value, ensure_ascii=False)
        rows.append("  %s: %s" % (json.dumps(key), text))
    return "{\n" + ",\n".join(rows) + "\n}\n"


def judge(scenario, end, reports):
    """The truth about one end, checked against what the Java API saw there."""
    wanted = scenario.ends[end]
    if wanted is None:
        texts = sorted({r["exception"] for r in reports if r["exception"]})
        return [], "; ".join(texts) or "not a JSSE end"
    handshakes, texts = [], []
    reports = sorted(reports, key=lambda r: r["index"])
    if not reports:
        raise Disagrees("the %s reported nothing" % end)
    for report in reports:
        choices = wanted(report["index"]) if callable(wanted) else wanted
        choices = choices if isinstance(choices, list) else [choices]
        for made in match(scenario, end, report, choices):
            for one in handshakes:
                if {k: v for k, v in one.items() if k != "count"} == made:
                    one["count"] = one.get("count", 1) + 1
                    break
            else:
                handshakes.append(made)
        text = report["exception"] or "established"
        if not texts or texts[-1][0] != text:
            texts.append([text, 0])
        texts[-1][1] += 1
    return handshakes, "; ".join(text if n == 1 else "%d × %s" % (n, text) for text, n in texts)


def match(scenario, end, report, choices):
    sessions, exception = report["sessions"], report["exception"] or ""
    for choice in choices:
        if isinstance(choice, Ok):
            later = choice.may_fail_later and report["failed_at"] == "talk" and re.search(choice.may_fail_later, exception)
            talked = report["failed_at"] is None and report["talked"]
            if len(sessions) != choice.handshakes or not (later or talked):
                continue
            for session in sessions:
                if choice.version and session["version"] != choice.version:
                    raise Disagrees("%s: version %s" % (end, session["version"]))
                if choice.suite and not re.search(choice.suite, session["cipher_suite"]):
                    raise Disagrees("%s: suite %s" % (end, session["cipher_suite"]))
                if choice.resumed is not None and session["resumed"] != choice.resumed:
                    raise Disagrees("%s %d: resumed %s" % (end, report["index"], session["resumed"]))
            return [{"role": end, "outcome": "established", "rules": None, "after": None, "how": None,
                     "version": None if scenario.cut else session["version"],
                     "cipher_suite": None if scenario.cut else session["cipher_suite"],
                     "resumed": session["resumed"]} for session in sessions]
        if choice.api == "^$":
            # A good handshake whose log is cut.
            if report["failed_at"] is not None:
                continue
        elif report["failed_at"] not in choice.at.split("|") or not re.search(choice.api, exception):
            continue
        return [{"role": end, "outcome": choice.outcome, "rules": choice.rules, "after": choice.after, "how": choice.how,
                 "version": choice.version, "cipher_suite": None, "resumed": False}]
    raise Disagrees("%s %d: not as meant: established %d, failed at %s: %s" % (
        end, report["index"], len(sessions), report["failed_at"], exception))


# ---------------------------------------------------------------------------------------------------------------- main


def find_jdk(label):
    own = os.environ.get("LAB_JDK_" + label.replace(".", "_"))
    for path in ([own] if own else []) + JDKS[label]:
        if os.path.exists(os.path.join(path, "bin", "java")):
            return path
    return None


def maker_jdk(given):
    """A full JDK with keytool and javac that still knows release 8."""
    for path in [given, find_jdk("17"), os.environ.get("JAVA_HOME")] + sorted(glob.glob("/usr/lib/jvm/*17*")):
        if path and all(os.path.exists(os.path.join(path, "bin", tool)) for tool in ("javac", "keytool")):
            return path
    die("no JDK with javac and keytool found; name one with --maker DIR (17 is best: it still compiles for Java 8)")


def feature(version):
    parts = version.split(".")
    return int(parts[1]) if parts[0] == "1" else int(re.match(r"\d+", parts[0]).group())


def table():
    rows = ["| scenario | what happens | client | server | JVMs |", "|---|---|---|---|---|"]

    def cell(wanted):
        if wanted is None:
            return "–"
        if callable(wanted):
            indexes = range(200)
            words = []
            for i in indexes:
                word = cell(wanted(i))
                if word not in words:
                    words.append(word)
            return " / ".join(words)
        choices = wanted if isinstance(wanted, list) else [wanted]
        if isinstance(choices[0], Ok):
            rest = [c for c in choices[1:] if isinstance(c, Fail)]
            return "established" + ("" if not rest else " / " + rest[0].rules[0])
        return " or ".join(choices[0].rules)

    for s in SCENARIOS.values():
        jvms = {("both",): "1", ("two",): "2"}.get(s.modes, "1 or 2")
        rows.append("| %s | %s%s | %s | %s | %s |" % (
            s.name, s.description, "" if s.needs <= 8 else " (from JDK %d)" % s.needs,
            cell(s.ends["client"]) if "client" in s.logs else "not kept",
            cell(s.ends["server"]) if "server" in s.logs else "not kept" if s.ends["server"] else "–", jvms))
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jdk", action="append", default=[], metavar="PATH=LABEL")
    parser.add_argument("--label", action="append", default=[], help="only these of the JDKs of the plan")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--option", action="append", default=[])
    parser.add_argument("--mode", choices=["both", "two"])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--out", default=os.path.join(HERE, "logs"))
    parser.add_argument("--work")
    parser.add_argument("--maker", help="the JDK that makes certificates and classes")
    args = parser.parse_args()
    if args.list:
        for s in SCENARIOS.values():
            print("%-45s %s" % (s.name, s.description))
        return 0
    if args.table:
        print(table())
        return 0

    jdks, missing = [], []
    if args.jdk:
        for spec in args.jdk:
            path, _, label = spec.rpartition("=")
            if not os.path.exists(os.path.join(path, "bin", "java")):
                die("%s: no bin/java there (PATH=LABEL is meant)" % spec)
            jdks.append((label, path))
    else:
        for label in args.label or JDKS:
            path = find_jdk(label)
            if path:
                jdks.append((label, path))
            else:
                missing.append(label)
                say("JDK %s is not here: skipped (point to it with --jdk PATH=%s or LAB_JDK_%s)" % (
                    label, label, label.replace(".", "_")))
    maker = maker_jdk(args.maker)
    work = os.path.abspath(args.work) if args.work else tempfile.mkdtemp(prefix="lab-")
    os.makedirs(os.path.join(work, "classes"), exist_ok=True)
    bad, total, count = [], 0, 0
    try:
        done = subprocess.run([os.path.join(maker, "bin", "javac"), "-nowarn", "-Xlint:-options", "--release", "8", "-d",
                               os.path.join(work, "classes"), os.path.join(HERE, "Lab.java")])
        if done.returncode != 0:
            die("Lab.java does not compile")
        certificates(work, maker)
        recorder = Recorder(work, os.path.abspath(args.out))
        for label, home in jdks:
            try:
                text = subprocess.run([os.path.join(home, "bin", "java"), "-XshowSettings:properties", "-version"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode(errors="replace")
            except OSError as problem:
                text = str(problem)
            version = re.search(r"java\.version = (\S+)", text)
            if version is None:
                missing.append(label)
                say("JDK %s does not start: skipped (%s)" % (label, text.strip().splitlines()[0] if text else home))
                continue
            version = version.group(1)
            jobs = plan(label)
            if args.only or args.option or args.mode:
                names = {s.name for s in SCENARIOS.values()
                         if not args.only or any(fnmatch.fnmatch(s.name, p) for p in args.only)}
                if not names:
                    die("no such scenario: " + ", ".join(args.only))
                planned = [j for j in jobs if j[0].name in names]
                if args.option or args.mode or not planned:
                    planned = [(SCENARIOS[n], o, m, ("client", "server")) for n in SCENARIOS if n in names for o in args.option or [HANDSHAKE]
                               for m in ([args.mode] if args.mode else SCENARIOS[n].modes[:1]) if m in SCENARIOS[n].modes]
                jobs = planned
            for scenario, option, mode, ends in jobs:
                if not scenario.needs <= feature(version) <= scenario.until or scenario.exact and label not in scenario.exact:
                    continue
                name = "%s %s %s %s" % (label, scenario.name, option, mode)
                for tries in (2, 1, 0):
                    try:
                        for base, size in recorder.record(home, label, scenario, option, mode, ends):
                            total += size
                            count += 1
                        say("ok   " + name)
                        break
                    except (Disagrees, ValueError) as problem:
                        # Some endings are races between an alert and the end of the connection: again, then loudly.
                        say("%s  %s: %s" % ("try again" if tries else "BAD", name, problem))
                        if not tries:
                            bad.append(name)
    finally:
        if not args.work:
            shutil.rmtree(work, ignore_errors=True)
    say("%d logs, %.1f MB" % (count, total / 1e6))
    if missing:
        say("skipped JDKs: " + ", ".join(missing))
    if bad:
        say("the API saw something else than the scenario means; NOT written:\n  " + "\n  ".join(bad))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
