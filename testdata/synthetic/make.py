#!/usr/bin/env python3
"""Synthesises logs of IBMJSSE2, with the truth beside each.

    python3 testdata/synthetic/make.py            writes ibm/ and glassfish/ beside this file

No JVM wrote these: see README.md for what they are made from. Nothing but the standard library is needed,
and each run writes the same bytes.
"""

import datetime
import json
import pathlib
import random
import shutil

HERE = pathlib.Path(__file__).resolve().parent
DICE = random.Random(20261121)
NOW = datetime.datetime(2026, 11, 21, 5, 47, 2)
SUITE = "SSL_ECDHE_RSA_WITH_AES_128_CBC_SHA256"
OLD_SUITE = "SSL_RSA_WITH_3DES_EDE_CBC_SHA"
SUITES = [SUITE, "SSL_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "SSL_RSA_WITH_AES_128_CBC_SHA256", "SSL_RSA_WITH_AES_128_GCM_SHA256"]
HOST = "api.lab.example"
ROOT = "CN=Lab Root CA, O=Lab, C=XX"


def java_date(at):
    return at.strftime("%a %b %d %H:%M:%S GMT %Y")


def numbers(count):
    return "{ " + ", ".join(str(DICE.randrange(256)) for _ in range(count)) + " }"


def dump(data):
    """Rows as IBMJSSE2 prints them: two blanks between the halves, no line break behind the last."""
    rows = []
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        halves = "  ".join(" ".join(f"{b:02x}" for b in half) for half in (row[:8], row[8:]) if half)
        text = "".join(chr(b) if 32 <= b < 123 else "." for b in row)
        rows.append(f"{at:04x}: {halves:<48}  {text}")
    return "\n".join(rows)


def certificate(subject, issuer, serial, begin, end, names=(), ca=False):
    extensions = []
    if ca:
        extensions.append("ObjectId: 2.5.29.19 Criticality=true\nBasicConstraints:[\nCA:true\nPathLen:2147483647\n]\n")
    if names:
        listed = "\n".join(f"  DNSName: {name}" for name in names)
        extensions.append(f"ObjectId: 2.5.29.17 Criticality=false\nSubjectAlternativeName [\n{listed}\n]\n")
    text = "".join(f"[{n}]: {extension}\n" for n, extension in enumerate(extensions, 1))
    return f"""[
[
  Version: V3
  Subject: {subject}
  Signature Algorithm: SHA256withRSA, OID = 1.2.840.113549.1.1.11

  Key:  IBMJCE RSA Public Key:
modulus:
{DICE.randrange(1 << 200)}
public exponent:
65537

  Validity: [From: {java_date(begin)},
               To: {java_date(end)}]
  Issuer: {issuer}
  SerialNumber: [{serial}]

Certificate Extensions: {len(extensions)}
{text}]
  Algorithm: [SHA256withRSA]
  Signature:
{dump(bytes(DICE.randrange(256) for _ in range(32)))}

]"""


YEAR = datetime.timedelta(days=365)


def leaf(scenario):
    begin, end = NOW - YEAR / 2, NOW + YEAR / 2
    if scenario == "certificate-expired":
        begin, end = NOW - 2 * YEAR, NOW - YEAR
    names = ["other.lab.example"] if scenario == "hostname-mismatch" else [HOST]
    return certificate(f"CN={names[0]}, O=Lab, C=XX", ROOT, 4097, begin, end, names)


def root():
    return certificate(ROOT, ROOT, 1, NOW - 5 * YEAR, NOW + 5 * YEAR, ca=True)


def chain():
    return lambda scenario: f"chain [0] = {leaf(scenario)}\nchain [1] = {root()}"


STARTUP = """IBMJSSEProvider2 Build-Level: -20200101
Installed Providers =
\tIBMJSSE2
\tIBMJCE
\tIBMCertPath
\tSUN
keyStore is: /opt/lab/key.p12
keyStore type is: PKCS12
keyStore provider is:
init keystore
trustStore is: /opt/lab/trust.p12
trustStore type is: PKCS12
trustStore provider is:
init truststore
adding as trusted cert:
  Subject: {anchor}
  Issuer:  {anchor}
  Algorithm: RSA; Serial number: 0x1
  Valid from {begin} until {end}SSLContextImpl:  Using X509ExtendedKeyManager com.ibm.jsse2.uc
SSLContextImpl:  Using X509TrustManager com.ibm.jsse2.yc
JsseJCE:  Using SecureRandom IBMSecureRandom from provider IBMJCE version 1.{release}
trigger seeding of SecureRandom
done seeding SecureRandom
JsseJCE:  Using KeyAgreement ECDH from provider IBMJCE version 1.{release}
JsseJce:  EC is available
CipherBox:  Using cipher AES/CBC/NoPadding from provider from init IBMJCE version 1.{release}
IBMJSSE2 will not enable CBC protection
IBMJSSE2 will allow RFC 5746 renegotiation per com.ibm.jsse2.renegotiate set to none or default
IBMJSSE2 will not allow protocol SSLv3 per com.ibm.jsse2.disableSSLv3 set to TRUE or default
"""


def startup(scenario, release=8):
    anchor = "CN=Another Root CA, O=Elsewhere, C=XX" if scenario == "untrusted-root" else ROOT
    return STARTUP.format(anchor=anchor, begin=java_date(NOW - 5 * YEAR), end=java_date(NOW + 5 * YEAR), release=release)


def client_hello(version="TLSv1.2", suites=SUITES):
    return f"""*** ClientHello, {version}
RandomCookie:  GMT: {int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp())} bytes = {numbers(28)}
Session ID:  {{}}
Cipher Suites: [{", ".join(suites)}]
Compression Methods:  {{ 0 }}
Extension elliptic_curves, curve names: {{secp256r1, secp384r1, secp521r1}}
Extension ec_point_formats, formats: [uncompressed]
Extension signature_algorithms, signature_algorithms: SHA512withRSA, SHA256withRSA, SHA1withRSA
Extension server_name, server_name: [host_name: {HOST}]
***
"""


def server_hello():
    return f"""*** ServerHello, TLSv1.2
RandomCookie:  GMT: {int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp())} bytes = {numbers(28)}
Session ID:  {{{numbers(32)[2:-2]}}}
Cipher Suite: {SUITE}
Compression Method: 0
Extension renegotiation_info, ri_length: 0, ri_connection_data: {{ null }}
***
"""


def key_exchange():
    return f"""*** ECDH ServerKeyExchange
Signature Algorithm SHA256withRSA
Server key: IBMJCE EC public key:
  parameters: secp256r1
*** ServerHelloDone
"""


def finished():
    return f"*** Finished\nverify_data:  {numbers(12)}\n***\n"


def record(thread, way, kind, length, version="TLSv1.2"):
    return f"{thread}, {way}: {version} {kind}, length = {length}\n"


def glued(thread, way, kind, length, version="TLSv1.2"):
    """A dump in front, without the line break."""
    data = bytes(DICE.randrange(256) for _ in range(DICE.randrange(5, 40)))
    return f"[{'write' if way == 'WRITE' else 'read'}] MD5 and SHA1 hashes:  len = {len(data)}\n{dump(data)}" + record(thread, way, kind, length, version)


def failing(thread, alert, exception):
    return (f"{thread}, SEND TLSv1.2 ALERT:  fatal, description = {alert}\n"
            + record(thread, "WRITE", "Alert", 2)
            + f"{thread}, called closeSocket()\n{thread}, handling exception: {exception}\n")


def refused(thread, alert):
    return (record(thread, "READ", "Alert", 2) + f"{thread}, RECV TLSv1.2 ALERT:  fatal, {alert}\n{thread}, called closeSocket()\n"
            f"{thread}, handling exception: javax.net.ssl.SSLHandshakeException: Received fatal alert: {alert}\n")


PATH = "javax.net.ssl.SSLHandshakeException: com.ibm.jsse2.util.{letter}: "
REFUSALS = {
    "untrusted-root": PATH.format(letter="h") + "PKIX path building failed: com.ibm.security.cert.IBMCertPathBuilderException: unable to find valid certification path to requested target",
    "certificate-expired": PATH.format(letter="j") + "PKIX path validation failed: java.security.cert.CertPathValidatorException: The certificate expired at "
    + java_date(NOW - YEAR) + "; internal cause is: \n\tjava.security.cert.CertificateExpiredException: NotAfter: " + java_date(NOW - YEAR),
    "hostname-mismatch": f"javax.net.ssl.SSLHandshakeException: java.security.cert.CertificateException: No subject alternative DNS name matching {HOST} found.",
}


def ibm_client(scenario, thread="main"):
    version = "TLSv1" if scenario == "no-common-protocol-version" else "TLSv1.2"
    suites = [OLD_SUITE] if scenario == "no-common-cipher-suite" else SUITES
    text = startup(scenario) + f"Is initial handshake: true\nIgnoring unsupported cipher suite: SSL_RSA_WITH_AES_128_GCM_SHA256 for TLSv1\n%% No cached client session\n"
    text += client_hello(version, suites) + glued(thread, "WRITE", "Handshake", 188, version)
    if scenario == "no-common-cipher-suite":
        return text + refused(thread, "handshake_failure")
    if scenario == "no-common-protocol-version":
        return text + refused(thread, "protocol_version")
    if scenario == "plaintext-peer":
        return text + failing(thread, "unexpected_message", "javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?")
    if scenario == "peer-closed":
        return text + f"{thread}, received EOFException: error\n{thread}, handling exception: javax.net.ssl.SSLHandshakeException: Remote host closed connection during handshake\n{thread}, SEND TLSv1.2 ALERT:  fatal, description = handshake_failure\n{record(thread, 'WRITE', 'Alert', 2)}{thread}, called closeSocket()\n"
    if scenario == "connection-reset":
        return text + f"{thread}, handling exception: java.net.SocketException: Connection reset\n{thread}, SEND TLSv1.2 ALERT:  fatal, description = unexpected_message\n{record(thread, 'WRITE', 'Alert', 2)}{thread}, Exception sending alert: java.net.SocketException: Broken pipe\n{thread}, called closeSocket()\n"
    text += glued(thread, "READ", "Handshake", 2217) + server_hello() + f"%% Initialized:  [Session-1, {SUITE}]\n{SUITE}\n*** Certificate chain\n{chain()(scenario)}\n***\n"
    if scenario in REFUSALS:
        return text + f"%% Invalidated:  [Session-1, {SUITE}]\n" + failing(thread, "certificate_unknown", REFUSALS[scenario])
    text += f"Found trusted certificate:\n{root()}\n" + key_exchange()
    if scenario == "client-certificate-missing":
        asked = f"*** CertificateRequest\nCert Types: RSA, DSS, ECDSA\nSupported Signature Algorithms: SHA256withRSA\nCert Authorities:\n<{ROOT}>\n*** ServerHelloDone\n"
        text = text.replace("*** ServerHelloDone\n", asked) + "Warning: no suitable certificate found - continuing without client authentication\n*** Certificate chain\n<Empty>\n***\n"
    text += f"*** ECDHClientKeyExchange\nECDH Public value:  {numbers(65)}\n" + glued(thread, "WRITE", "Handshake", 70)
    text += record(thread, "WRITE", "Change Cipher Spec", 1) + finished() + glued(thread, "WRITE", "Handshake", 80)
    if scenario == "client-certificate-missing":
        return text + refused(thread, "bad_certificate")
    return (text + record(thread, "READ", "Change Cipher Spec", 1) + glued(thread, "READ", "Handshake", 80) + finished()
            + f"%% Cached client session: [Session-1, {SUITE}]\n" + record(thread, "WRITE", "Application Data", 80) + f"{thread}, called close()\n")


def ibm_server(scenario, thread="WebContainer : 0"):
    suites = [OLD_SUITE] if scenario == "no-common-cipher-suite" else SUITES
    version = "TLSv1" if scenario == "no-common-protocol-version" else "TLSv1.2"
    text = startup(scenario, 7) + "Is initial handshake: true\n" + record(thread, "READ", "Handshake", 188, version) + client_hello(version, suites)
    if scenario == "no-common-cipher-suite":
        return text + "%% Invalidated:  [Session-1, SSL_NULL_WITH_NULL_NULL]\n" + failing(thread, "handshake_failure", "javax.net.ssl.SSLHandshakeException: no cipher suites in common")
    if scenario == "no-common-protocol-version":
        return text + failing(thread, "handshake_failure", "javax.net.ssl.SSLHandshakeException: Client requested protocol TLSv1 not enabled or not supported")
    asked = f"*** CertificateRequest\nCert Types: RSA, DSS, ECDSA\nSupported Signature Algorithms: SHA256withRSA\nCert Authorities:\n<{ROOT}>\n" if scenario == "client-certificate-missing" else ""
    text += f"%% Negotiating:  [Session-1, {SUITE}]\n" + server_hello() + f"Cipher suite:  {SUITE}\n*** Certificate chain\n{chain()(scenario)}\n***\n"
    text += key_exchange().replace("*** ServerHelloDone", asked + "*** ServerHelloDone") + glued(thread, "WRITE", "Handshake", 2217) + record(thread, "READ", "Handshake", 70)
    if scenario == "client-certificate-missing":
        return text + "*** Certificate chain\n<Empty>\n***\n" + failing(thread, "bad_certificate", "javax.net.ssl.SSLHandshakeException: null cert chain")
    text += f"*** ECDHClientKeyExchange\nECDH Public value:  {numbers(65)}\n" + record(thread, "READ", "Change Cipher Spec", 1) + record(thread, "READ", "Handshake", 80) + finished()
    return text + record(thread, "WRITE", "Change Cipher Spec", 1) + finished() + glued(thread, "WRITE", "Handshake", 80) + f"%% Cached server session: [Session-1, {SUITE}]\n"


def websphere(text):
    """The prefix of SystemOut.log in front of each print: a certificate is one."""
    lines, inside = [], False
    for line in text.splitlines():
        head = "" if inside else NOW.strftime("[%-m/%-d/%y %-H:%M:%S:128 GMT] 0000009e SystemOut     O ")
        inside = inside and line != "]" or line.endswith("= [")
        lines.append(head + line + "\n")
    return "".join(lines)


def ibm8_unified():
    head = "javax.net.ssl|{}|45|exec-69|2026-11-21 05:47:02.574 GMT|Thread.java:1175|"
    return (head.format("FINE") + "IBMJSSEProvider2 Build-Level: -20220909\n"
            + head.format("FINE") + "IBMJSSE2 will not allow protocol SSLv3 per com.ibm.jsse2.disableSSLv3 set to TRUE or default\n"
            + head.format("FINE") + "Consuming ClientHello handshake message (\n\"ClientHello\": {\n  \"client version\"      : \"TLSv1.2\",\n"
            "  \"random\"              : \"" + " ".join(f"{DICE.randrange(256):02X}" for _ in range(32)) + "\",\n  \"session id\"          : \"\",\n"
            f"  \"cipher suites\"       : \"[{OLD_SUITE}(0x000A)]\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [\n  ]\n}}\n)\n"
            + head.format("SEVERE") + "Fatal (HANDSHAKE_FAILURE): no cipher suites in common (\n\"throwable\" : {\n  javax.net.ssl.SSLHandshakeException: no cipher suites in common\n"
            "  \tat com.ibm.jsse2.g.a(g.java:38)\n  \tat com.ibm.jsse2.aa.a(aa.java:142)}\n\n)\n")


def handshake(role, outcome, rules=None, after=None, how=None, version=None, suite=None):
    return {"role": role, "outcome": outcome, "rules": rules, "after": after, "how": how, "version": version, "cipher_suite": suite, "resumed": None}


def write(folder, name, scenario, release, text, *handshakes):
    path = HERE / folder / f"{name}.log"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, newline="\n")
    truth = {"scenario": scenario, "description": "synthetic: no JVM wrote this log", "java_version": None, "jdk": release,
             "option": "ssl" if folder == "ibm" else "java.util.logging", "mode": name.rsplit(".", 1)[-1], "enough": True,
             "handshakes": list(handshakes), "findings": [], "api": None}
    path.with_suffix(".truth.json").write_text(json.dumps(truth, indent=2) + "\n", newline="\n")


def make_ibm():
    ok = handshake("client", "established", version="TLSv1.2", suite=SUITE)
    write("ibm", "success.client", "success", "ibm8", ibm_client("success"), ok)
    write("ibm", "success-websphere.client", "success behind WebSphere", "ibm8", websphere(ibm_client("success", "WebContainer : 2")), ok)
    write("ibm", "success.server", "success", "ibm7", ibm_server("success"), {**ok, "role": "server"})
    failed = {
        "no-common-cipher-suite.client": handshake("client", "failed", ["refused-without-reason", "no-common-cipher-suite"], ["ClientHello"], ["alert_received"]),
        "no-common-cipher-suite.server": handshake("server", "failed", ["no-common-cipher-suite"], ["ClientHello"], ["alert_sent"]),
        "untrusted-root.client": handshake("client", "failed", ["untrusted-root"], ["Certificate"], ["alert_sent"]),
        "certificate-expired.client": handshake("client", "failed", ["certificate-expired"], ["Certificate"], ["alert_sent"]),
        "hostname-mismatch.client": handshake("client", "failed", ["hostname-mismatch"], ["Certificate"], ["alert_sent"]),
        "client-certificate-missing.client": handshake("client", "failed", ["client-certificate-missing", "no-client-certificate-for-authorities"], ["Finished"], ["alert_received"]),
        "client-certificate-missing.server": handshake("server", "failed", ["client-certificate-missing"], ["Certificate"], ["alert_sent"]),
        "plaintext-peer.client": handshake("client", "failed", ["plaintext-peer"], ["ClientHello"], ["alert_sent"]),
        "no-common-protocol-version.client": handshake("client", "failed", ["no-common-protocol-version"], ["ClientHello"], ["alert_received"]),
        "no-common-protocol-version.server": handshake("server", "failed", ["no-common-protocol-version"], ["ClientHello"], ["alert_sent"]),
        "peer-closed.client": handshake("client", "failed", ["peer-closed-during-handshake"], ["ClientHello"], ["peer_closed"]),
        "connection-reset.client": handshake("client", "failed", ["connection-reset-during-handshake"], ["ClientHello"], ["reset"]),
    }
    for name, wanted in failed.items():
        scenario, end = name.rsplit(".", 1)
        text = ibm_client(scenario) if end == "client" else ibm_server(scenario)
        write("ibm", name, scenario, "ibm8" if end == "client" else "ibm7", text, wanted)
    write("ibm", "no-common-cipher-suite-unified.server", "no-common-cipher-suite", "ibm8", ibm8_unified(),
          handshake("server", "failed", ["no-common-cipher-suite"], ["ClientHello"], ["alert_sent"]))


def make_glassfish():
    """Recordings of ../classic as GlassFish 3 and 4 log what the JVM prints: each line a record of its own."""
    head = "[#|2026-11-21T05:47:{:02}.{:03}+0000|INFO|glassfish3.1.2|javax.enterprise.system.std.com.sun.enterprise.server.logging|_ThreadID=25;_ThreadName=Thread-2;|"
    for release, name in (("8u60", "expired-12.ssl-handshake-verbose.client"), ("8u252", "nocipher12.ssl+handshake.client")):
        log = (HERE.parent / "classic" / release / f"{name}.log").read_text(encoding="utf-8")
        lines = [line for line in log.split("\n") if line.strip()]
        torn = "".join(head.format(n // 1000 % 60, n % 1000) + line + "|#]\n\n" for n, line in enumerate(lines))
        (HERE / "glassfish").mkdir(exist_ok=True)
        (HERE / "glassfish" / f"{name}.log").write_text(torn, encoding="utf-8", newline="\n")
        shutil.copy(HERE.parent / "classic" / release / f"{name}.truth.json", HERE / "glassfish" / f"{name}.truth.json")


def main():
    for folder in ("ibm", "glassfish"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    make_ibm()
    make_glassfish()


if __name__ == "__main__":
    main()
