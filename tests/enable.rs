//! `enable`, run as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use assert_cmd::Command;
use serde_json::Value;

fn enable(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("jssl-analyze")
        .unwrap()
        .arg("enable")
        .args(args)
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn told(args: &[&str]) -> String {
    let (code, out, talk) = enable(args);
    assert_eq!((code, talk.as_str()), (Some(0), ""), "{args:?}");
    out
}

/// The text without its line breaks.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the option stands in each of the targets of the issue, in the words of the thing itself.
const LINES: [(&str, &str); 18] = [
    ("webmethods-is", "wrapper.java.additional.N=<option>"),
    ("webmethods-msr", "JAVA_CUSTOM_OPTS=<option>"),
    ("docker", "docker run -e JAVA_TOOL_OPTIONS=<option>"),
    (
        "kubernetes",
        "kubectl set env deployment/NAME JAVA_TOOL_OPTIONS=<option>",
    ),
    ("spring-boot", "java <option> -jar app.jar"),
    ("tomcat", "CATALINA_OPTS=\"$CATALINA_OPTS <option>\""),
    ("jetty", "java <option> -jar $JETTY_HOME/start.jar"),
    ("wildfly", "JAVA_OPTS=\"$JAVA_OPTS <option>\""),
    ("weblogic", "JAVA_OPTIONS=\"${JAVA_OPTIONS} <option>\""),
    ("websphere", "    <option>\n"),
    ("liberty", "    <option>\n"),
    ("kafka", "KAFKA_OPTS=\"$KAFKA_OPTS <option>\""),
    ("elasticsearch", "ES_JAVA_OPTS=<option>"),
    ("jenkins", "JAVA_OPTS=-Djava.awt.headless=true <option>"),
    ("maven", "MAVEN_OPTS=\"$MAVEN_OPTS <option>\""),
    ("gradle", "-Dorg.gradle.jvmargs=-Xmx2g <option>"),
    ("java", "java <option> -jar app.jar"),
    ("env", "JDK_JAVA_OPTIONS=<option>"),
];

#[test]
fn every_target_prints_its_line_for_every_jdk() {
    for (target, line) in LINES {
        for (jdk, option) in [
            (
                None,
                "-Djavax.net.debug=ssl:handshake:verbose:trustmanager:keymanager",
            ),
            (
                Some("8"),
                "-Djavax.net.debug=ssl:handshake:verbose:trustmanager:keymanager:session:record:sslctx",
            ),
            (
                Some("17"),
                "-Djavax.net.debug=ssl:handshake:verbose:trustmanager:keymanager",
            ),
        ] {
            let mut args = vec![target];
            args.extend(jdk.map(|_| "--jdk"));
            args.extend(jdk);
            let text = told(&args);
            assert!(
                text.contains(&line.replace("<option>", option)),
                "{target}: {text}"
            );
            assert!(
                !text.contains("{option}") && !text.contains("{value}"),
                "{text}"
            );
            for part in [
                "Switch on",
                "Restart:",
                "Where it comes out",
                "Switch off",
                "Hand it over",
                "passwords",
                "Watch the disk",
                "jssl-analyze",
            ] {
                assert!(
                    words(&text).contains(part),
                    "{target}: {part} is missing in {text}"
                );
            }
        }
    }
}

#[test]
fn the_list_has_every_target_and_the_values() {
    let list = told(&[]);
    for (target, _) in LINES {
        assert!(list.contains(&format!("\n  {target} ")), "{target}: {list}");
    }
    assert!(
        list.contains(
            "JDK 11 17 21 23 24 25 26 ibm8:\n    ssl:handshake:verbose:trustmanager:keymanager\n"
        ),
        "{list}"
    );
    assert!(list.lines().all(|line| line.len() <= 80), "{list}");
}

#[test]
fn text_is_plain_ascii_of_80_columns_but_for_lines_to_copy() {
    for (target, _) in LINES {
        let text = told(&[target]);
        assert!(text.is_ascii(), "{text}");
        for line in text.lines().filter(|line| line.len() > 80) {
            assert!(
                line.starts_with("    ") && line.contains("-Djavax.net.debug="),
                "{target}: {line}"
            );
        }
    }
    assert!(told(&["tomcat", "--color", "always"]).contains("\x1b["));
}

#[test]
fn the_jdk_chooses_the_value_and_its_reason() {
    assert!(
        told(&["java", "--jdk", "8"])
            .contains("Up to 8u252 any value with `ssl` prints session keys")
    );
    assert!(told(&["java", "--jdk", "17"]).contains("17.0.15 has it not"));
    assert!(told(&["java", "--jdk", "27"]).contains("JDK 26"));
    assert!(told(&["java", "--jdk", "ibm8"]).contains("IBM's support asks for `true`"));
    let (code, _, talk) = enable(&["java", "--jdk", "7"]);
    assert_eq!(code, Some(2));
    assert!(talk.contains("possible values"), "{talk}");
}

#[test]
fn an_unknown_target_gets_the_nearest_names() {
    let (code, out, talk) = enable(&["tomact"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        talk.contains("there is no target \"tomact\"; did you mean tomcat"),
        "{talk}"
    );
    assert!(told(&["k8s"]).starts_with("kubernetes "));
    assert!(told(&["JBoss"]).starts_with("wildfly "));
    let (_, _, talk) = enable(&["qqqqqq"]);
    assert!(talk.contains("enable lists them"), "{talk}");
}

#[test]
fn json_is_the_same_with_the_option_filled_in() {
    let json: Value =
        serde_json::from_str(&told(&["tomcat", "-f", "json", "--jdk", "21"])).unwrap();
    assert_eq!(json["target"]["name"], "tomcat");
    assert_eq!(json["jdk"]["jdk"], "21");
    let line = json["target"]["on"][0]["lines"][0].as_str().unwrap();
    assert!(line.contains(json["option"].as_str().unwrap()), "{line}");
    let list: Value = serde_json::from_str(&told(&["-f", "json"])).unwrap();
    assert_eq!(list["targets"].as_array().unwrap().len(), 19);
}

fn config(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_next_free_number_of_a_wrapper_is_found_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    config(
        dir.path(),
        "wrapper.conf",
        "wrapper.ignore_sequence_gaps=TRUE\r\nwrapper.java.additional.1=-server\r\n#include custom_wrapper.conf\r\n",
    );
    let text = "# own settings\r\nwrapper.java.additional.201=-Da=b\r\n\r\nwrapper.java.additional.205=-Dc=d\r\n#wrapper.java.additional.206=-Xdebug\r\n";
    let path = config(dir.path(), "custom_wrapper.conf", text);
    let out = told(&["webmethods-is", "--config", &path]);
    assert!(
        out.contains("\n    wrapper.java.additional.206=-Djavax.net.debug=ssl:handshake"),
        "{out}"
    );
    assert!(!out.contains("  ! "), "{out}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let json: Value =
        serde_json::from_str(&told(&["webmethods-is", "--config", &path, "-f", "json"])).unwrap();
    assert!(
        json["wrapper"]["line"]
            .as_str()
            .unwrap()
            .starts_with("wrapper.java.additional.206=")
    );
}

#[test]
fn a_gap_that_the_wrapper_stops_at_is_filled_and_said() {
    let dir = tempfile::tempdir().unwrap();
    config(
        dir.path(),
        "wrapper.conf",
        "wrapper.java.additional.1=-server\nwrapper.java.additional.2=-Da=b\n",
    );
    let path = config(
        dir.path(),
        "custom_wrapper.conf",
        "wrapper.java.additional.4=-Dc=d\n",
    );
    let out = told(&["webmethods-is", "--config", &path]);
    assert!(out.contains("\n    wrapper.java.additional.3="), "{out}");
    assert!(out.contains("wrapper stops at the first"), "{out}");
}

#[test]
fn a_config_alone_gets_a_number_and_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let path = config(
        dir.path(),
        "custom_wrapper.conf",
        "#include ../conf/more.conf\nwrapper.java.additional.7=-Djavax.net.debug=ssl\n",
    );
    let out = told(&["webmethods-is", "--config", &path]);
    assert!(out.contains("\n    wrapper.java.additional.8="), "{out}");
    assert!(out.contains("No wrapper.conf was found beside it"), "{out}");
    assert!(
        out.contains("wrapper.java.additional.7 sets the option already"),
        "{out}"
    );
    assert!(out.contains("../conf/more.conf"), "{out}");
}

#[test]
fn a_config_that_cannot_be_read_or_has_no_target_is_an_error() {
    let (code, _, talk) = enable(&["webmethods-is", "--config", "no/such/custom_wrapper.conf"]);
    assert_eq!(code, Some(2));
    assert!(talk.contains("no/such/custom_wrapper.conf"), "{talk}");
    let (code, _, talk) = enable(&["tomcat", "--config", "x"]);
    assert_eq!(code, Some(2));
    assert!(talk.contains("--config is for webmethods-is"), "{talk}");
    assert_eq!(enable(&["--config", "x"]).0, Some(2));
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        enable(&["webmethods-is", "--config", dir.path().to_str().unwrap()]).0,
        Some(2)
    );
}
