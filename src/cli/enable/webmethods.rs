//! Targets: webMethods, under its wrapper and without it.

use super::target::{Target, shown, told};

pub(super) const IS: Target = Target {
    name: "webmethods-is",
    aliases: &[
        "webmethods",
        "is",
        "integration-server",
        "wm-is",
        "api-gateway",
    ],
    summary: "webMethods Integration Server: custom_wrapper.conf",
    on: &[
        shown(
            "profiles/IS_INSTANCE/configuration/custom_wrapper.conf under the installation (9.6 and \
             later; INSTANCE is mostly `default`; before: profiles/IS), with the next free number N:",
            &["wrapper.java.additional.N={option}"],
        ),
        shown(
            "N must be free in wrapper.conf beside it, too. To have both read and N found:",
            &["jssl-analyze enable webmethods-is --config .../custom_wrapper.conf"],
        ),
        told(
            "One option a line, no quotes. Not wrapper.conf itself: fixes overwrite it. In containers \
             the file is in the image or on a volume; a Microservices Runtime has no wrapper: see \
             `enable webmethods-msr`.",
        ),
    ],
    restart: "the Integration Server, with the scripts in bin of the profile (shutdown, startup) or as a \
              service, so that the wrapper starts anew. Restart in the Administrator's pages may keep \
              the wrapper and its configuration",
    output: &[
        told(
            "profiles/IS_INSTANCE/logs/wrapper.log, each line behind the wrapper's prefix \
             (INFO   | jvm 1    | time | ...); not server.log",
        ),
        told(
            "The wrapper rotates that file by wrapper.logfile.maxsize and keeps \
             wrapper.logfile.maxfiles of them: see that they are large enough in custom_wrapper.conf.",
        ),
    ],
    off: "Take the line out again and restart. Where later numbers follow it and gaps are not allowed \
          (see N), those would fall out of effect: renumber them.",
    notes: &[
        "Integration Server has a second TLS implementation (Entrust, IAIK), which this option does not \
         make talk. Outbound HTTPS: set watt.net.ssl.client.useJSSE=true, or useJSSE=yes of \
         pub.client:http; HTTPS ports: Use JSSE on the port's page. If nothing is printed, that is why.",
    ],
    read: &["jssl-analyze profiles/IS_default/logs/wrapper.log"],
};

pub(super) const MSR: Target = Target {
    name: "webmethods-msr",
    aliases: &["msr", "microservices-runtime", "wm-msr"],
    summary: "webMethods Microservices Runtime: JAVA_CUSTOM_OPTS",
    on: &[
        shown("Docker:", &["docker run -e JAVA_CUSTOM_OPTS={option} ..."]),
        shown(
            "Kubernetes (starts new pods):",
            &["kubectl set env deployment/NAME JAVA_CUSTOM_OPTS={option}"],
        ),
        shown(
            "Without a container: in the shell that calls bin/server.sh:",
            &["export JAVA_CUSTOM_OPTS={option}"],
        ),
        told(
            "Where JAVA_CUSTOM_OPTS is set already (helm chart, Dockerfile), add the option to it: the \
             new value replaces the old one. Where the image's start script does not know it, \
             JAVA_TOOL_OPTIONS does the same: see `enable env`.",
        ),
    ],
    restart: "the container",
    output: &[told("the console: `docker logs NAME`, `kubectl logs POD`")],
    off: "Take it out of the environment again and start anew.",
    notes: &[
        "As on Integration Server, outbound HTTPS must use JSSE: watt.net.ssl.client.useJSSE=true, or \
         useJSSE=yes of pub.client:http.",
    ],
    read: &[
        "kubectl logs POD | jssl-analyze",
        "docker logs NAME 2>&1 | jssl-analyze",
    ],
};
