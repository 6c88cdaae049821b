#!/usr/bin/env python3
"""Records what JVMs print with an empty -Djavax.net.debug= through logging back ends, and with the option `expand`.

    record.py --jars DIR                make again what is committed (back ends without jars are named and skipped)
    record.py --jars DIR --work DIR     keep certificates and classes there for the next run
    record.py --only-backend jul-simple one back end (may be given more than once)
    record.py --jdk /opt/jdk-28=28      all scenarios of the table with that JDK, too
    record.py --out DIR                 somewhere else than beside this script

The handshakes, their keys, the JDKs and the truth are those of ../lab/record.py; see its help. DIR has log4j-api.jar,
log4j-core.jar, log4j-jul.jar, logback-classic.jar, logback-core.jar, slf4j-api.jar, jul-to-slf4j.jar (any versions that
fit each other).
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import record as lab  # noqa: E402

CONSOLE = """handlers=java.util.logging.ConsoleHandler
java.util.logging.ConsoleHandler.level=ALL
java.util.logging.ConsoleHandler.formatter=java.util.logging.%s
.level=INFO
javax.net.ssl.level=%s
"""
ONE_LINE = "java.util.logging.SimpleFormatter.format=%1$tF %1$tT.%1$tL %4$s %3$s - %5$s%6$s%n\n"
BRIDGE = "handlers=org.slf4j.bridge.SLF4JBridgeHandler\n.level=INFO\njavax.net.ssl.level=ALL\n"
LOG4J = """<Configuration status="WARN"><Appenders><Console name="c" target="SYSTEM_OUT">
<PatternLayout pattern="%s"/></Console></Appenders><Loggers>
<Logger name="javax.net.ssl" level="ALL"/><Root level="INFO"><AppenderRef ref="c"/></Root></Loggers></Configuration>
"""
LOGBACK = """<configuration><appender name="c" class="ch.qos.logback.core.ConsoleAppender"><encoder>
<pattern>%s</pattern></encoder></appender><logger name="javax.net.ssl" level="ALL"/>
<root level="INFO"><appender-ref ref="c"/></root></configuration>
"""


class Backend:
    """Files that it reads, and the command line that makes the JVM use it. {dir} is where the files are."""

    def __init__(self, files, flags, jars=(), option="", out="jul"):
        self.files, self.flags, self.jars, self.option, self.out = files, flags, jars, option, out


JUL = ["-Djava.util.logging.config.file={dir}/logging.properties"]
LOG4J_JARS = ("log4j-api.jar", "log4j-core.jar", "log4j-jul.jar")
LOGBACK_JARS = ("logback-classic.jar", "logback-core.jar", "slf4j-api.jar", "jul-to-slf4j.jar")
LOG4J_FLAGS = ["-Dlog4j2.configurationFile={dir}/log4j2.xml"]
LOG4J_BRIDGE = BRIDGE.replace("org.slf4j.bridge.SLF4JBridgeHandler", "org.apache.logging.log4j.jul.Log4jBridgeHandler")
BACKENDS = {
    # java.util.logging as it comes, but for the level
    "jul-simple": Backend({"logging.properties": CONSOLE % ("SimpleFormatter", "ALL")}, JUL),
    # the same with FINE: what is logged as finest is lost, too
    "jul-fine": Backend({"logging.properties": CONSOLE % ("SimpleFormatter", "FINE")}, JUL),
    # nothing configured at all: INFO and above
    "jul-default": Backend({}, []),
    # levels and months are words of the locale, the layout is not
    "jul-german": Backend({"logging.properties": CONSOLE % ("SimpleFormatter", "FINE")}, JUL + ["-Duser.language=de", "-Duser.country=DE"]),
    "jul-line": Backend({"logging.properties": CONSOLE % ("SimpleFormatter", "FINE") + ONE_LINE}, JUL),
    "jul-xml": Backend({"logging.properties": CONSOLE % ("XMLFormatter", "FINE")}, JUL),
    # Log4j 2 through its bridge handler: a plain pattern, and a common one with the date in front
    "log4j2": Backend({"logging.properties": LOG4J_BRIDGE, "log4j2.xml": LOG4J % "%d{HH:mm:ss.SSS} [%t] %-5level %logger{36} - %msg%n"},
                      JUL + LOG4J_FLAGS, LOG4J_JARS),
    "log4j2-date": Backend({"logging.properties": LOG4J_BRIDGE, "log4j2.xml": LOG4J % "%d{ISO8601} %-5p [%t] (%c) %m%n"},
                           JUL + LOG4J_FLAGS, LOG4J_JARS),
    # Log4j 2 as the LogManager of java.util.logging: the JDK's own loggers do not go there
    "log4j2-manager": Backend({"log4j2.xml": LOG4J % "%d{HH:mm:ss.SSS} [%t] %-5level %logger{36} - %msg%n"},
                              LOG4J_FLAGS + ["-Djava.util.logging.manager=org.apache.logging.log4j.jul.LogManager"], LOG4J_JARS),
    # Logback's own default, and Spring Boot's
    "logback": Backend({"logging.properties": BRIDGE, "logback.xml": LOGBACK % "%d{HH:mm:ss.SSS} [%thread] %-5level %logger{36} - %msg%n"},
                       JUL + ["-Dlogback.configurationFile={dir}/logback.xml"], LOGBACK_JARS),
    "logback-spring": Backend(
        {"logging.properties": BRIDGE,
         "logback.xml": LOGBACK % "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %5p 4711 --- [%15.15t] %-40.40logger{39} : %m%n"},
        JUL + ["-Dlogback.configurationFile={dir}/logback.xml"], LOGBACK_JARS),
    "expand": Backend({}, [], option="ssl:handshake:expand", out="expand"),
}

# scenario → the ends worth keeping; "both" is one JVM with both ends
CLIENT, SERVER, BOTH = "client", "server", "both"
TLS13, TLS12, NO_SUITE, ROOT, HOST, MTLS = (
    "tls13-rsa", "tls12-ecdhe-rsa", "no-common-cipher-suite-tls12", "untrusted-root-tls13", "hostname-mismatch-tls12",
    "client-certificate-missing-tls12")
ALL_SIX = [(TLS13, CLIENT), (TLS12, SERVER), (NO_SUITE, SERVER), (ROOT, CLIENT), (HOST, CLIENT), (MTLS, SERVER)]
# (back end, JDK) → what is committed
PLAN = {
    ("jul-simple", "17"): [(NO_SUITE, BOTH)],
    ("jul-default", "17"): ALL_SIX,
    ("jul-default", "25"): [(TLS13, BOTH), (ROOT, CLIENT)],
    ("jul-default", "27"): [(ROOT, CLIENT)],
    ("jul-fine", "8"): [(HOST, CLIENT)],
    ("jul-fine", "17"): [job for job in ALL_SIX if job[0] != HOST],
    ("jul-fine", "25"): [(TLS13, CLIENT)],
    ("jul-fine", "27"): [(TLS12, SERVER), (NO_SUITE, SERVER), (HOST, CLIENT), (MTLS, SERVER)],
    ("jul-german", "25"): [(NO_SUITE, SERVER)],
    ("jul-line", "17"): [(ROOT, CLIENT)],
    ("jul-line", "27"): [(HOST, CLIENT)],
    ("jul-xml", "17"): [(HOST, CLIENT)],
    ("jul-xml", "27"): [(HOST, CLIENT)],
    ("log4j2", "17"): [(NO_SUITE, SERVER)],
    ("log4j2-date", "25"): [(MTLS, SERVER)],
    ("log4j2", "27"): [(HOST, CLIENT)],
    ("log4j2-manager", "17"): [(ROOT, CLIENT)],
    ("logback", "17"): [(NO_SUITE, SERVER)],
    ("logback-spring", "17"): [(NO_SUITE, SERVER)],
    ("logback-spring", "27"): [(HOST, CLIENT)],
    ("expand", "17"): ALL_SIX[:1] + ALL_SIX[2:],
    ("expand", "25"): [(NO_SUITE, SERVER)],
    ("expand", "27"): [(ROOT, CLIENT)],
}


class Recorder(lab.Recorder):
    """The lab's, with the back end on the command line."""

    def __init__(self, work, out, backend, jars):
        super().__init__(work, out)
        self.backend = backend
        self.folder = tempfile.mkdtemp(prefix="backend-", dir=work)
        for name, text in backend.files.items():
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.paths = [os.path.join(jars or "", jar) for jar in backend.jars]

    def jvm(self, home, scenario, option, mode, directory, side):
        flags = [flag.replace("{dir}", self.folder) for flag in self.backend.flags]
        command = super_command(self, home, scenario, option, mode, side, flags)
        log = open(os.path.join(directory, side + ".log"), "wb")
        return subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def super_command(self, home, scenario, option, mode, side, flags):
    """As the lab's, but with the back end's flags and class path."""
    language, country = scenario.locale
    return ([os.path.join(home, "bin", "java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
             "-Duser.language=" + language, "-Duser.country=" + country, "-Duser.timezone=" + scenario.zone,
             "-Djavax.net.debug=" + option] + flags + scenario.jvm.get(side, [])
            + ["-cp", os.pathsep.join([os.path.join(self.work, "classes")] + self.paths), "Lab", "lab.conf", mode, "result." + side])


def record(recorder, name, home, label, scenario, side):
    """One log and its truth; gives the number of bytes."""
    mode = "both" if side == BOTH else "two"
    logs, reports, head = recorder.run(home, scenario, recorder.backend.option, mode)
    text = logs[side]
    # in XML the quotes are written out
    enough = '"ClientHello": {' in text or "&quot;ClientHello&quot;: {" in text
    ends = ["client", "server"] if side == BOTH else [side]
    seen = {end: lab.judge(scenario, end, [r for r in reports if r["end"] == end]) for end in ("client", "server")}
    truth = {
        "scenario": scenario.name,
        "description": scenario.description,
        "backend": name,
        "java_version": head["java_version"],
        "jdk": label,
        "option": recorder.backend.option,
        "mode": side,
        "enough": enough,
        "handshakes": [h for end in ends for h in seen[end][0]],
        "findings": [] if enough else ["entry-bodies-lost"],
        "api": {end: seen[end][1] for end in ("client", "server")},
    }
    base = os.path.join(recorder.out, *([name] if recorder.backend.out == "jul" else []), label, "%s.%s" % (scenario.name, side))
    os.makedirs(os.path.dirname(base), exist_ok=True)
    with open(base + ".log", "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
        out.write(text)
    with open(base + ".truth.json", "w", encoding="utf-8") as out:
        out.write(lab.pretty(truth))
    return len(text)


def patiently(what, *args):
    """Some endings are races between an alert and the end of the connection: again, then loudly."""
    for tries in (3, 2, 1, 0):
        try:
            size = record(*args)
            lab.say("ok   %s %d" % (what, size))
            return size
        except (lab.Disagrees, ValueError) as problem:
            lab.say("%s  %s: %s" % ("try again" if tries else "BAD", what, problem))
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jars")
    parser.add_argument("--work")
    parser.add_argument("--maker")
    parser.add_argument("--jdk", action="append", default=[], metavar="PATH=LABEL")
    parser.add_argument("--only-backend", action="append", default=[])
    parser.add_argument("--out", default=os.path.join(HERE, ".."))
    args = parser.parse_args()
    work = os.path.abspath(args.work) if args.work else tempfile.mkdtemp(prefix="jul-")
    os.makedirs(os.path.join(work, "classes"), exist_ok=True)
    maker = lab.maker_jdk(args.maker)
    bad, total = [], 0
    jobs = [(name, label, lab.find_jdk(label), PLAN[name, label]) for name, label in PLAN]
    for spec in args.jdk:
        path, _, label = spec.rpartition("=")
        jobs += [(name, label, path, ALL_SIX) for name in BACKENDS]
    try:
        subprocess.run([os.path.join(maker, "bin", "javac"), "-nowarn", "-Xlint:-options", "--release", "8", "-d",
                        os.path.join(work, "classes"), os.path.join(HERE, "..", "lab", "Lab.java")], check=True)
        lab.certificates(work, maker)
        for name, label, home, wanted in jobs:
            backend = BACKENDS[name]
            if args.only_backend and name not in args.only_backend:
                continue
            if home is None:
                lab.say("JDK %s is not here: %s skipped" % (label, name))
                continue
            if not all(os.path.exists(os.path.join(args.jars or "", jar)) for jar in backend.jars):
                lab.say("%s: its jars are not in --jars: skipped" % name)
                continue
            recorder = Recorder(work, os.path.join(args.out, backend.out), backend, args.jars and os.path.abspath(args.jars))
            for scenario, side in wanted:
                what = "%s %s %s %s" % (name, label, scenario, side)
                size = patiently(what, recorder, name, home, label, lab.SCENARIOS[scenario], side)
                if size is None:
                    bad.append(what)
                total += size or 0
    finally:
        if not args.work:
            shutil.rmtree(work, ignore_errors=True)
    lab.say("%.2f MB" % (total / 1e6))
    if bad:
        lab.say("the API saw something else than the scenario means; NOT written:\n  " + "\n  ".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
