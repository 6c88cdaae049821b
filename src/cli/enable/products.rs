//! Targets: products and tools with a start script of their own.

use super::target::{Target, shown, told};

pub(super) const KAFKA: Target = Target {
    name: "kafka",
    aliases: &["zookeeper", "kafka-connect"],
    summary: "Apache Kafka, its tools, Connect, ZooKeeper: KAFKA_OPTS",
    on: &[
        shown(
            "In the shell or the unit that starts the broker, Connect or a tool:",
            &["export KAFKA_OPTS=\"$KAFKA_OPTS {option}\""],
        ),
        shown(
            "systemd: systemctl edit kafka, with what KAFKA_OPTS holds already:",
            &["[Service]", "Environment=\"KAFKA_OPTS={option}\""],
        ),
        told("Clients in an application of yours: see `enable java` or `enable spring-boot`."),
    ],
    restart: "the broker, Connect worker or tool",
    output: &[
        told(
            "with -daemon: logs/kafkaServer.out (Connect: connectDistributed.out; ZooKeeper: \
             zookeeper.out), begun anew at each start; not server.log",
        ),
        told("in the foreground: the console; systemd: journalctl -u kafka; Docker: docker logs"),
    ],
    off: "Unset it, or take it out of the unit, and restart.",
    notes: &[
        "Every tool called from the same shell prints as well: use a shell of its own.",
        "For a quick test of a client's side: \
         KAFKA_OPTS=... bin/kafka-topics.sh --command-config client.properties --list 2>tls.log",
    ],
    read: &["jssl-analyze logs/kafkaServer.out"],
};

pub(super) const ELASTICSEARCH: Target = Target {
    name: "elasticsearch",
    aliases: &["elastic", "es", "opensearch"],
    summary: "Elasticsearch, OpenSearch: a file in config/jvm.options.d",
    on: &[
        shown(
            "config/jvm.options.d/tls-debug.options (7.7 and later; packages: \
             /etc/elasticsearch/jvm.options.d; before: jvm.options), one option a line:",
            &["{option}"],
        ),
        shown(
            "Docker, or to try: the environment (OpenSearch: OPENSEARCH_JAVA_OPTS):",
            &["ES_JAVA_OPTS={option}"],
        ),
    ],
    restart: "the node",
    output: &[
        told(
            "8.x turns standard error into log messages of the logger `stderr`, level WARN: \
             logs/CLUSTER.log, each line behind a prefix; take that, not the .json beside it",
        ),
        told(
            "older versions, and OpenSearch, may not: the console, docker logs, or journalctl -u elasticsearch",
        ),
        told(
            "started with -d (daemon), standard error is closed: nothing comes out. Before 7.6 \
             --quiet, which the systemd unit uses, closed it, too. Start in the foreground instead",
        ),
    ],
    off: "Remove the file (or the variable) and restart.",
    notes: &[],
    read: &["jssl-analyze logs/CLUSTER.log"],
};

pub(super) const JENKINS: Target = Target {
    name: "jenkins",
    aliases: &[],
    summary: "Jenkins: JAVA_OPTS of the service",
    on: &[
        shown(
            "Linux packages from 2.332.1 on (systemd): systemctl edit jenkins, with what JAVA_OPTS \
             holds already (systemctl cat jenkins):",
            &[
                "[Service]",
                "Environment=\"JAVA_OPTS=-Djava.awt.headless=true {option}\"",
            ],
        ),
        told(
            "Packages before that: JAVA_ARGS in /etc/default/jenkins (Debian), JENKINS_JAVA_OPTIONS in \
             /etc/sysconfig/jenkins (Red Hat).",
        ),
        shown(
            "Docker:",
            &["docker run -e JAVA_OPTS={option} ... jenkins/jenkins"],
        ),
        told("Windows service: jenkins.xml, <arguments>, in front of -jar."),
        told("An agent has a JVM of its own: JVM Options of the node (SSH), or its command line."),
    ],
    restart: "Jenkins (systemctl restart jenkins). A safe restart from the web page keeps the old \
              options",
    output: &[
        told("systemd: journalctl -u jenkins; Docker: docker logs"),
        told("packages before 2.332.1: /var/log/jenkins/jenkins.log"),
        told("Windows service: jenkins.err.log beside jenkins.xml"),
        told("an agent over SSH: the node's log page"),
    ],
    off: "Take it out again and restart.",
    notes: &[
        "A build's own JVM (Maven, Gradle) is yet another one: see `enable maven`, `enable gradle`.",
    ],
    read: &["journalctl -u jenkins -o cat --since '10 min ago' | jssl-analyze"],
};

pub(super) const MAVEN: Target = Target {
    name: "maven",
    aliases: &["mvn"],
    summary: "Apache Maven: MAVEN_OPTS",
    on: &[
        shown(
            "For downloads and plugins, that is, Maven itself:",
            &["MAVEN_OPTS=\"$MAVEN_OPTS {option}\" mvn ... 2>tls.log"],
        ),
        shown(
            "or, for everybody who builds the project, .mvn/jvm.config (Maven 3.3.1 and later):",
            &["{option}"],
        ),
        shown(
            "Tests run in a JVM of their own (Surefire, Failsafe). If the pom sets argLine itself, it \
             must be added there:",
            &["mvn test -DargLine=\"{option}\""],
        ),
    ],
    restart: "nothing: it holds for the next call. mvnd: mvnd --stop first",
    output: &[
        told("Maven itself: standard error of mvn"),
        told(
            "tests: the console, or target/surefire-reports/*-output.txt if redirectTestOutputToFile \
             is set",
        ),
    ],
    off: "Leave it out the next time.",
    notes: &[],
    read: &["jssl-analyze tls.log"],
};

pub(super) const GRADLE: Target = Target {
    name: "gradle",
    aliases: &["gradlew"],
    summary: "Gradle: org.gradle.jvmargs, because the daemon does the work",
    on: &[
        shown(
            "For downloads and plugins, that is, the daemon. The value replaces that of \
             gradle.properties: repeat its memory settings:",
            &["./gradlew build \"-Dorg.gradle.jvmargs=-Xmx2g {option}\" >tls.log 2>&1"],
        ),
        shown(
            "Tests run in JVMs of their own; in build.gradle:",
            &[
                "test {",
                "    jvmArgs '{option}'",
                "    testLogging.showStandardStreams = true",
                "}",
            ],
        ),
        shown(
            "Programs started by `gradle run` or bootRun:",
            &["bootRun { jvmArgs '{option}' }"],
        ),
    ],
    restart: "nothing: other jvmargs make another daemon. GRADLE_OPTS is for the launcher and does not \
              reach the daemon",
    output: &[
        told("the daemon's standard error comes out of the call of gradle"),
        told(
            "tests: the console with showStandardStreams, and the reports under build/reports/tests",
        ),
    ],
    off: "Leave it out the next time, and ./gradlew --stop.",
    notes: &[
        "-Djavax.net.debug=... on Gradle's command line may have no effect: in a daemon that spoke TLS \
         before, the value was read already.",
    ],
    read: &["jssl-analyze tls.log"],
};
