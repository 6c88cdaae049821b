//! Targets: application servers and servlet containers.

use super::target::{Target, shown, told};

pub(super) const TOMCAT: Target = Target {
    name: "tomcat",
    aliases: &["tomee", "catalina"],
    summary: "Apache Tomcat: CATALINA_OPTS in bin/setenv.sh",
    on: &[
        shown(
            "bin/setenv.sh under CATALINA_BASE (create it; catalina.sh reads it if it is there):",
            &["CATALINA_OPTS=\"$CATALINA_OPTS {option}\""],
        ),
        shown(
            "Windows, started by catalina.bat: bin\\setenv.bat:",
            &["set \"CATALINA_OPTS=%CATALINA_OPTS% {option}\""],
        ),
        shown(
            "Windows service (the number is Tomcat's major version; the last name the service's):",
            &["tomcat9 //US//Tomcat9 ++JvmOptions={option}"],
        ),
        told(
            "Packages of a distribution: /etc/default/tomcat9, /etc/tomcat/tomcat.conf or the like; \
             where nothing is known, see `enable env`.",
        ),
    ],
    restart: "Tomcat",
    output: &[
        told("catalina.sh start: logs/catalina.out under CATALINA_BASE"),
        told("catalina.sh run, and the Docker image: the console, so `docker logs`"),
        told("systemd: mostly journalctl -u tomcat9"),
        told("Windows service: logs\\tomcat9-stderr.YYYY-MM-DD.log"),
    ],
    off: "Take the line out again and restart. Windows service: tomcat9w.exe, page Java, Java Options.",
    notes: &[
        "JAVA_OPTS works too, but shutdown.sh reads it as well.",
        "Connectors with the APR or OpenSSL implementation do not use Java's TLS: nothing is printed \
         for them.",
    ],
    read: &["jssl-analyze logs/catalina.out"],
};

pub(super) const JETTY: Target = Target {
    name: "jetty",
    aliases: &[],
    summary: "Eclipse Jetty: the command line of start.jar, or an ini file",
    on: &[
        shown(
            "Started by hand or by a unit of your own:",
            &["java {option} -jar $JETTY_HOME/start.jar"],
        ),
        shown(
            "Where an ini file of JETTY_BASE (start.ini, start.d/*.ini) has a line --exec, a second \
             JVM is started and needs the option there, on a line of its own:",
            &["--exec", "{option}"],
        ),
        shown(
            "jetty.sh: /etc/default/jetty (where there is no --exec):",
            &["JAVA_OPTIONS=\"$JAVA_OPTIONS {option}\""],
        ),
    ],
    restart: "Jetty",
    output: &[
        told("standard error of the process; jetty.sh start does not keep it in a file"),
        shown(
            "so add the module that does (Jetty 9.4 and later; logs/YYYY_MM_DD.jetty.log under \
             JETTY_BASE); before 9.4 the module `logging` (YYYY_MM_DD.stderrout.log):",
            &["java -jar $JETTY_HOME/start.jar --add-modules=console-capture"],
        ),
    ],
    off: "Take the option out again and restart.",
    notes: &["Connectors with Conscrypt do not use Java's TLS: nothing is printed for them."],
    read: &["jssl-analyze logs/2026_03_04.jetty.log"],
};

pub(super) const WILDFLY: Target = Target {
    name: "wildfly",
    aliases: &["jboss", "eap", "jboss-eap"],
    summary: "WildFly, JBoss EAP: JAVA_OPTS in bin/standalone.conf",
    on: &[
        shown(
            "Standalone: at the end of bin/standalone.conf:",
            &["JAVA_OPTS=\"$JAVA_OPTS {option}\""],
        ),
        shown(
            "Windows: at the end of bin\\standalone.conf.bat:",
            &["set \"JAVA_OPTS=%JAVA_OPTS% {option}\""],
        ),
        shown(
            "Domain: not domain.conf (that is for the controllers) but the <jvm> of the server or its \
             group in host.xml or domain.xml:",
            &["<jvm-options><option value=\"{option}\"/></jvm-options>"],
        ),
        shown(
            "OpenShift images of EAP and WildFly: the environment of the pod:",
            &["JAVA_OPTS_APPEND={option}"],
        ),
    ],
    restart: "the server. A <system-property> of the configuration may come too late",
    output: &[
        told(
            "standalone/log/server.log, each line behind a prefix with ERROR [stderr]: the server \
             turns standard error into log messages. ERROR means nothing there",
        ),
        told("domain: domain/servers/NAME/log/server.log"),
        told("and the console, as far as the console handler lets ERROR through"),
    ],
    off: "Take the line out again and restart.",
    notes: &[
        "Raise the rotation limit first if server.log is rotated by size: the failure should not be in \
         a file that is gone.",
        "Undertow with the OpenSSL provider of Elytron does not use Java's TLS.",
    ],
    read: &["jssl-analyze standalone/log/server.log"],
};

pub(super) const WEBLOGIC: Target = Target {
    name: "weblogic",
    aliases: &["wls"],
    summary: "Oracle WebLogic: JAVA_OPTIONS in setUserOverrides.sh",
    on: &[
        shown(
            "Started by script: bin/setUserOverrides.sh under DOMAIN_HOME (12.1.2 and later; create \
             it; before: bin/setDomainEnv.sh). It holds for every server of the domain on this \
             machine:",
            &[
                "JAVA_OPTIONS=\"${JAVA_OPTIONS} {option}\"",
                "export JAVA_OPTIONS",
            ],
        ),
        shown(
            "For one server only, in the same file:",
            &[
                "if [ \"${SERVER_NAME}\" = \"MS1\" ]; then",
                "  JAVA_OPTIONS=\"${JAVA_OPTIONS} {option}\"",
                "  export JAVA_OPTIONS",
                "fi",
            ],
        ),
        told(
            "Started by the Node Manager without the script (StartScriptEnabled=false): in the \
             console, Environment > Servers > NAME > Configuration > Server Start > Arguments, add \
             the option to what is there.",
        ),
    ],
    restart: "the servers concerned",
    output: &[
        told("Node Manager: servers/NAME/logs/NAME.out under DOMAIN_HOME"),
        told("started by script: the console, or where nohup was told to write"),
        told("not NAME.log, unless Redirect stderr logging is switched on for the server"),
    ],
    off: "Take it out again and restart.",
    notes: &[
        "WebLogic has a TLS debug of its own beside this (-Dssl.debug=true \
         -Dweblogic.StdoutDebugEnabled=true). jssl-analyze does not need it.",
        "WebLogic 10.3.x and before used Certicom's TLS unless JSSE was switched on; Certicom prints \
         nothing with this option.",
    ],
    read: &["jssl-analyze servers/MS1/logs/MS1.out"],
};

pub(super) const WEBSPHERE: Target = Target {
    name: "websphere",
    aliases: &["was", "tws"],
    summary: "IBM WebSphere (traditional): Generic JVM arguments",
    on: &[
        shown(
            "In the console: Servers > Server Types > WebSphere application servers > NAME > Java and \
             Process Management > Process definition > Java Virtual Machine > Generic JVM \
             arguments: add, behind a blank,",
            &["{option}"],
        ),
        told("Save, and synchronize the nodes."),
    ],
    restart: "the server",
    output: &[
        told(
            "Java 8 of IBM: logs/NAME/SystemOut.log under the profile, each line behind WebSphere's \
             time and `SystemOut     O`",
        ),
        told("lines with javax.net.ssl| are on standard error: logs/NAME/SystemErr.log"),
        told("with HPEL: bin/logViewer.sh -outLog tls.log"),
    ],
    off: "Take the argument out again, save, synchronize, restart.",
    notes: &[
        "SystemOut.log is rotated when it is quite small, and few files are kept: raise size and number \
         under Logging and tracing > NAME > JVM Logs first.",
        "This Java is IBM's, unless it is Semeru: with --jdk ibm8 the warnings fit.",
    ],
    read: &["jssl-analyze SystemOut.log", "jssl-analyze SystemErr.log"],
};

pub(super) const LIBERTY: Target = Target {
    name: "liberty",
    aliases: &["open-liberty", "openliberty", "wlp"],
    summary: "Open Liberty, WebSphere Liberty: jvm.options of the server",
    on: &[
        shown(
            "usr/servers/NAME/jvm.options under the installation (create it; one option a line, no \
             quotes):",
            &["{option}"],
        ),
        shown(
            "Container: the same file in /config, or the environment:",
            &["JVM_ARGS={option}"],
        ),
    ],
    restart: "the server",
    output: &[
        told(
            "server start: usr/servers/NAME/logs/console.log (begun anew at each start: copy it \
             before the next one)",
        ),
        told("messages.log has the same lines behind a prefix"),
        told("server run, and containers: the console, so `docker logs`"),
    ],
    off: "Take the line out again and restart.",
    notes: &[
        "With WLP_LOGGING_CONSOLE_FORMAT=JSON each line is wrapped into JSON: take the setting out \
         meanwhile, or take messages.log.",
        "Java may be IBM's Java 8 here: see --jdk ibm8.",
    ],
    read: &["jssl-analyze usr/servers/NAME/logs/console.log"],
};
