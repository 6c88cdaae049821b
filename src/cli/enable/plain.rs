//! Targets: a JVM as such, and what runs it.

use super::target::{Target, shown, told};

/// See `testdata/jul/README.md` for what was seen.
const EMPTY_VALUE: &str = "With an empty value (-Djavax.net.debug=) JDK 11 and later log to the logger \
    javax.net.ssl instead, and up to JDK 25 java.util.logging, Log4j and Logback show the titles only, \
    without what was offered and which certificates were sent: give it the value.";

pub(super) const JAVA: Target = Target {
    name: "java",
    aliases: &["jvm", "plain", "cli"],
    summary: "a plain java command",
    on: &[shown(
        "Before -jar or the main class (behind it, it would be an argument of the program):",
        &["java {option} -jar app.jar >tls.log 2>&1"],
    )],
    restart: "the program: a running JVM cannot be switched on afterwards (see `enable running`)",
    output: &[
        told("standard error, on old Java 8 standard output; the line above catches both"),
        told(
            "a program that replaces System.err (a logging framework) takes it along into its log",
        ),
    ],
    off: "Leave it out the next time.",
    notes: &[
        "In code: System.setProperty(\"javax.net.debug\", \"{value}\") must run before anything speaks \
         TLS: the value is read once.",
        EMPTY_VALUE,
    ],
    read: &["jssl-analyze tls.log"],
};

pub(super) const SPRING_BOOT: Target = Target {
    name: "spring-boot",
    aliases: &["spring", "springboot", "boot"],
    summary: "Spring Boot: the java command, not application.properties",
    on: &[
        shown(
            "As a jar (application.properties does not do: it does not set system properties):",
            &["java {option} -jar app.jar >tls.log 2>&1"],
        ),
        shown(
            "mvn and gradle:",
            &[
                "mvn spring-boot:run -Dspring-boot.run.jvmArguments=\"{option}\"",
                "bootRun { jvmArgs '{option}' }      // build.gradle",
            ],
        ),
        shown(
            "Image made by buildpacks (they add to what is given), other images, Cloud Foundry:",
            &["JAVA_TOOL_OPTIONS={option}"],
        ),
        shown(
            "Executable jar as an init.d service: APPNAME.conf beside the jar:",
            &["JAVA_OPTS={option}"],
        ),
    ],
    restart: "the application",
    output: &[
        told(
            "standard error, not logging.file.name: the console, docker logs, journalctl -u SERVICE",
        ),
        told("init.d service: /var/log/APPNAME.log"),
    ],
    off: "Take it out again and restart.",
    notes: &[
        "Netty with netty-tcnative (WebFlux, gRPC) may use OpenSSL, not Java's TLS: nothing is printed \
         for it.",
        EMPTY_VALUE,
    ],
    read: &["jssl-analyze tls.log"],
};

pub(super) const DOCKER: Target = Target {
    name: "docker",
    aliases: &["podman", "compose", "docker-compose", "container"],
    summary: "a container: JAVA_TOOL_OPTIONS in its environment",
    on: &[
        shown(
            "docker run, podman run:",
            &["docker run -e JAVA_TOOL_OPTIONS={option} ..."],
        ),
        shown(
            "compose, under the service:",
            &["environment:", "  JAVA_TOOL_OPTIONS: {option}"],
        ),
        shown(
            "The image may set JAVA_TOOL_OPTIONS itself; yours replaces that, so repeat it:",
            &["docker inspect -f '{{.Config.Env}}' NAME"],
        ),
    ],
    restart: "a new container: the environment of an existing one cannot be changed",
    output: &[
        told("the console of the container: docker logs (both streams: 2>&1)"),
        told(
            "The json-file driver keeps everything unless max-size is set, and drops the oldest if it \
             is: take the log soon.",
        ),
    ],
    off: "Start the container without it.",
    notes: &[
        "Every JVM in the container prints `Picked up JAVA_TOOL_OPTIONS: ...`: that shows that it \
         works. An entry point that runs `env -i` or another user's login shell loses it.",
    ],
    read: &["docker logs NAME 2>&1 | jssl-analyze"],
};

pub(super) const KUBERNETES: Target = Target {
    name: "kubernetes",
    aliases: &["k8s", "kubectl", "openshift", "helm"],
    summary: "a pod: JAVA_TOOL_OPTIONS of its container",
    on: &[
        shown(
            "A look first: what is set already is replaced, so repeat it:",
            &["kubectl set env deployment/NAME --list | grep JAVA_TOOL_OPTIONS"],
        ),
        shown(
            "(statefulset/NAME likewise; -c CONTAINER for one of several; oc set env on OpenShift)",
            &["kubectl set env deployment/NAME JAVA_TOOL_OPTIONS={option}"],
        ),
    ],
    restart: "it rolls out new pods at once. One pod is enough to look at, but each of them prints",
    output: &[
        told("kubectl logs POD -c CONTAINER"),
        shown(
            "The kubelet rotates the log (10 MiB, five files, unless set otherwise) and kubectl logs \
             shows the last file only: follow it into a file from the beginning:",
            &["kubectl logs -f POD -c CONTAINER >tls.log"],
        ),
    ],
    off: "kubectl set env deployment/NAME JAVA_TOOL_OPTIONS-   (the dash removes it), or set it to what \
          it was before. Argo CD, Flux or helm put back what they know: switch it there.",
    notes: &["The log shipper takes it all along: mind its quota, and who can read there."],
    read: &["kubectl logs POD | jssl-analyze", "jssl-analyze tls.log"],
};

pub(super) const ENV: Target = Target {
    name: "env",
    aliases: &[
        "environment",
        "java_tool_options",
        "jdk_java_options",
        "service",
        "systemd",
    ],
    summary: "no command line at hand: JAVA_TOOL_OPTIONS and the like",
    on: &[
        shown(
            "Every JVM started with this environment, also inside of other programs:",
            &["JAVA_TOOL_OPTIONS={option}"],
        ),
        shown(
            "JDK 9 and later, and only what is started with the command `java`:",
            &["JDK_JAVA_OPTIONS={option}"],
        ),
        told(
            "HotSpot also knows _JAVA_OPTIONS, which wins over the command line; OpenJ9 and IBM: \
             OPENJ9_JAVA_OPTIONS, IBM_JAVA_OPTIONS.",
        ),
        shown(
            "systemd: systemctl edit SERVICE:",
            &["[Service]", "Environment=\"JAVA_TOOL_OPTIONS={option}\""],
        ),
        shown(
            "Windows service: a multi-string value named Environment in its registry key, \
             HKLM\\SYSTEM\\CurrentControlSet\\Services\\SERVICE:",
            &["JAVA_TOOL_OPTIONS={option}"],
        ),
    ],
    restart: "the process, by whatever starts it with the new environment",
    output: &[
        told("wherever the process's standard error goes: journalctl -u SERVICE, a file, nowhere"),
        shown(
            "where it goes on Linux (old Java 8: fd/1):",
            &["ls -l /proc/PID/fd/2"],
        ),
    ],
    off: "Unset it and restart. Set for a whole machine, it makes every Java program print.",
    notes: &[
        "Each JVM says `Picked up JAVA_TOOL_OPTIONS: ...` (or `NOTE: Picked up JDK_JAVA_OPTIONS: ...`) \
         on standard error; a script that reads a Java program's standard error may stumble over it.",
    ],
    read: &["journalctl -u SERVICE -o cat | jssl-analyze"],
};

pub(super) const RUNNING: Target = Target {
    name: "running",
    aliases: &["jcmd", "attach", "live", "pid"],
    summary: "a JVM that runs already: it cannot be switched on, but asked",
    on: &[
        told(
            "Not possible: the value is read once, when the JVM first speaks TLS. Neither jcmd, jinfo \
             nor a debugger changes it afterwards. Restart it with the option: see the other targets.",
        ),
        shown(
            "Whether it is set (JDK 8 and later; as the same user):",
            &[
                "jcmd PID VM.system_properties | grep javax.net.debug",
                "jcmd PID VM.command_line",
            ],
        ),
    ],
    restart: "the JVM",
    output: &[shown(
        "where standard error goes, on Linux:",
        &["ls -l /proc/PID/fd/2"],
    )],
    off: "Restart without the option; nothing else ends it.",
    notes: &[
        "Without a restart there is JDK Flight Recorder (JDK 11 and later): the events \
         jdk.TLSHandshake and jdk.X509Certificate show handshakes that succeeded, not why one failed: \
         jcmd PID JFR.start settings=profile jdk.TLSHandshake#enabled=true (17 and later).",
    ],
    read: &["jssl-analyze tls.log"],
};
