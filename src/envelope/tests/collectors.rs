//! The collectors, as writers: what `detect` is to call them, and what they make of a log.

use super::wrap::*;

pub(crate) type Writer = fn(&[u8]) -> Wrapped;

pub(crate) const WRITERS: &[(&str, Writer)] = &[
    ("tanuki", |bare| {
        prefixed(bare, |n| {
            format!(
                "INFO   | jvm {}    | 2026/03/{} {} | ",
                1 + n / 300,
                10 + n / 900,
                &time(n, '.')[..8]
            )
        })
    }),
    ("tanuki", |bare| {
        prefixed(bare, |_| "jvm 1    | ".to_owned())
    }),
    ("tanuki", |bare| {
        prefixed(bare, |n| {
            format!(
                "INFO   | jvm 1    | main    | 2026/03/10 {} | {n:>8} | {:>8} | ",
                time(n, '.'),
                n * 7
            )
        })
    }),
    ("tanuki", |bare| {
        prefixed(bare, |n| {
            format!("2026/03/10 {} | {:>6} | ", time(n, '.'), n + 95)
        })
    }),
    ("docker-json", |bare| {
        objects(
            bare,
            |text| {
                format!(
                    "{{\"log\":{text},\"stream\":\"stderr\",\"time\":\"{}\"}}",
                    iso(text.len(), 9, "Z")
                )
            },
            true,
            16 << 10,
        )
    }),
    ("docker-json", |bare| {
        objects(
            bare,
            |text| {
                format!(
                    "{{\"log\":{text},\"stream\":\"stderr\",\"attrs\":{{\"tag\":\"x\"}},\"time\":\"{}\"}}",
                    iso(text.len(), 9, "Z")
                )
            },
            true,
            100,
        )
    }),
    ("json", |bare| {
        objects(
            bare,
            |text| {
                format!(
                    "{{\"@timestamp\":\"{}\",\"kubernetes\":{{\"pod_name\":\"a-1\",\"container_name\":\"app\"}},\"log\":{text}}}",
                    iso(7, 3, "Z")
                )
            },
            true,
            usize::MAX,
        )
    }),
    ("journald", |bare| {
        objects(
            bare,
            |text| {
                format!(
                    "{{\"__CURSOR\":\"s=1;i={}\",\"_PID\":\"77\",\"MESSAGE\":{text},\"PRIORITY\":\"6\"}}",
                    text.len()
                )
            },
            false,
            usize::MAX,
        )
    }),
    ("cri", |bare| {
        split(
            bare,
            16 << 10,
            |n, _, last| {
                format!(
                    "{} stderr {} ",
                    iso(n, 9, "Z"),
                    if last { "F" } else { "P" }
                )
            },
            |_| String::new(),
        )
    }),
    ("cri", |bare| {
        split(
            bare,
            60,
            |n, _, last| {
                format!(
                    "{} stderr {} ",
                    iso(n, 9, "+01:00"),
                    if last { "F" } else { "P" }
                )
            },
            |_| String::new(),
        )
    }),
    ("kubectl-timestamps", |bare| {
        prefixed(bare, |n| format!("{} ", iso(n, 9, "Z")))
    }),
    ("github-actions", |bare| {
        prefixed(bare, |n| format!("{} ", iso(n, 7, "Z")))
    }),
    ("github-actions", |bare| {
        prefixed(bare, |n| {
            format!("build (17)\tRun tests\t{} ", iso(n, 7, "Z"))
        })
    }),
    ("kubectl-prefix", |bare| {
        prefixed(bare, |_| "[pod/app-5d9c/app] ".to_owned())
    }),
    ("kubectl-prefix+kubectl-timestamps", |bare| {
        prefixed(bare, |n| format!("[pod/app-5d9c/app] {} ", iso(n, 9, "Z")))
    }),
    ("stern", |bare| {
        prefixed(bare, |_| "app-5d9c-xk2 app ".to_owned())
    }),
    ("compose", |bare| {
        prefixed(bare, |_| "web-1     | ".to_owned())
    }),
    ("ansi+compose", |bare| {
        prefixed(bare, |_| "\x1b[36mweb-1     | \x1b[0m".to_owned())
    }),
    ("compose+tanuki", |bare| {
        prefixed(bare, |n| {
            format!(
                "web-1  | INFO   | jvm 1    | 2026/03/10 {} | ",
                &time(n, '.')[..8]
            )
        })
    }),
    ("journald", |bare| {
        prefixed(bare, |n| {
            format!(
                "Nov {:>2} {}456 web01 java[4711]: ",
                1 + n / 400,
                time(n, '.')
            )
        })
    }),
    ("journald", |bare| {
        prefixed(bare, |n| {
            format!("{} web01 java[4711]: ", iso(n, 0, "+0000"))
        })
    }),
    ("syslog", |bare| {
        prefixed(bare, |n| {
            format!(
                "Nov {:>2} {} web01 java[4711]: ",
                1 + n / 400,
                &time(n, '.')[..8]
            )
        })
    }),
    ("syslog", |bare| {
        split(
            bare,
            960,
            |n, first, _| {
                format!(
                    "<14>Nov 21 {} web01 java: {}",
                    &time(n, '.')[..8],
                    if first { "" } else { "..." }
                )
            },
            |last| if last { "" } else { "..." }.to_owned(),
        )
    }),
    ("syslog", |bare| {
        prefixed(bare, |n| {
            format!(
                "<14>1 {} web01 java 4711 - [a@1 x=\"y ]\"] ",
                iso(n, 6, "Z")
            )
        })
    }),
    ("cri+tanuki", |bare| {
        split(
            &prefixed(bare, |n| {
                format!("INFO   | jvm 1    | 2026/03/10 {} | ", &time(n, '.')[..8])
            })
            .log,
            16 << 10,
            |n, _, last| {
                format!(
                    "{} stdout {} ",
                    iso(n, 9, "Z"),
                    if last { "F" } else { "P" }
                )
            },
            |_| String::new(),
        )
    }),
    ("kubectl-timestamps+log4j", |bare| {
        prefixed(bare, |n| {
            format!(
                "{} 2026-11-21 {} ERROR [main] c.e.Redirect - ",
                iso(n, 9, "Z"),
                time(n, ',')
            )
        })
    }),
    ("journald+docker-json", |bare| {
        let docker = objects(
            bare,
            |text| {
                format!(
                    "{{\"log\":{text},\"stream\":\"stderr\",\"time\":\"{}\"}}",
                    iso(text.len(), 9, "Z")
                )
            },
            true,
            usize::MAX,
        );
        Wrapped {
            starts: docker.starts,
            ..prefixed(&docker.log, |n| {
                format!("Nov 21 {}456 web01 dockerd[9]: ", time(n, '.'))
            })
        }
    }),
    ("log4j", |bare| {
        prefixed(bare, |n| {
            format!(
                "2026-11-21 {} ERROR [http-nio-{}-exec-{}] stderr - ",
                time(n, ','),
                8080 + n % 2,
                n % 12
            )
        })
    }),
    ("log4j", |bare| {
        prefixed(bare, |n| {
            format!(
                "{} {} main o.a.Redirect:{n} - ",
                time(n, '.'),
                ["INFO ", "WARN ", "ERROR"][n % 3]
            )
        })
    }),
    ("log4j", |bare| {
        prefixed(bare, |n| {
            format!(
                "2026-11-21 {}  INFO {} --- [{:>15}] System.err                               : ",
                time(n, '.'),
                9 + n / 200,
                format!("exec-{}", n % 13)
            )
        })
    }),
    ("wildfly", |bare| {
        prefixed(bare, |n| {
            format!("{} ERROR [stderr] (default task-{}) ", time(n, ','), n % 14)
        })
    }),
    ("juli", |bare| {
        prefixed(bare, |n| {
            format!(
                "21-Nov-2026 {} INFO [http-nio-8080-exec-{}] org.apache.catalina.core.ApplicationContext.log ",
                time(n, '.'),
                n % 11
            )
        })
    }),
    ("jenkins", |bare| {
        prefixed(bare, |n| format!("[{}] ", iso(n, 3, "Z")))
    }),
    ("gitlab", |bare| {
        prefixed(bare, |n| format!("{} 01O ", iso(n, 6, "Z")))
    }),
    ("prefix", |bare| prefixed(bare, |_| "//".to_owned())),
    ("suffix", |bare| {
        split(
            bare,
            usize::MAX,
            |_, _, _| String::new(),
            |_| "<br/>".to_owned(),
        )
    }),
    ("ansi", |bare| {
        split(
            bare,
            usize::MAX,
            |_, _, _| String::new(),
            |_| "\u{1b}[K".to_owned(),
        )
    }),
    ("suffix+log4j", |bare| {
        split(
            bare,
            usize::MAX,
            |n, _, _| format!("[2026-11-21 {}] ERROR ", time(n, ',')),
            |_| " (com.example.StdErr)".to_owned(),
        )
    }),
    ("suffix+weblogic", |bare| {
        split(
            bare,
            usize::MAX,
            |n, _, _| {
                format!(
                    "<Nov 21, 2026 {} PM CET> <Notice> <Stdout> <BEA-000000> <",
                    &time(n, '.')[..8]
                )
            },
            |_| ">".to_owned(),
        )
    }),
    ("json", |bare| {
        objects(
            bare,
            |text| {
                format!(
                    "{{\"_index\":\"logs\",\"_source\":{{\"@timestamp\":\"{}\",\"message\":{text}}}}}",
                    iso(7, 3, "Z")
                )
            },
            true,
            usize::MAX,
        )
    }),
    ("prefix", |bare| prefixed(bare, |_| "> ".to_owned())),
    ("prefix", |bare| {
        prefixed(bare, |n| format!("{} app-{}|", time(n, '.'), n % 3))
    }),
    ("prefix", |bare| {
        prefixed(bare, |n| {
            format!("   {} [APP/PROC/WEB/0] ERR ", iso(n, 2, "+0000"))
        })
    }),
    ("prefix", |bare| {
        prefixed(bare, |n| {
            format!("[{}]W:\t [Step 1/2] ", &time(n, '.')[..8])
        })
    }),
    ("prefix", |bare| {
        prefixed(bare, |n| format!("{}  ", &time(n, '.')[..8]))
    }),
    ("prefix", |bare| {
        prefixed(bare, |n| format!("{}\t", 1_700_000_000_000_u64 + n as u64))
    }),
    ("prefix", |bare| prefixed(bare, |_| "    ".to_owned())),
    ("log4j", |bare| prefixed(bare, |_| "[ERROR] ".to_owned())),
    ("kubectl-timestamps+prefix", |bare| {
        prefixed(bare, |n| {
            format!("{} {{app=\"x\", pod=\"y\"}} ", iso(n, 9, "Z"))
        })
    }),
    ("syslog", |bare| {
        prefixed(bare, |n| format!("{} app[web.1]: ", iso(n, 6, "+00:00")))
    }),
    ("websphere", |bare| {
        per_message(
            bare,
            "[10/14/26 10:33:52:128 EDT] 0000009e SystemErr     R ",
            "",
            false,
        )
    }),
    ("websphere", |bare| {
        prefixed(bare, |n| {
            format!(
                "[10/14/26, {} CEST] {:08x} SystemErr     R   ",
                time(n, ':'),
                160 + n
            )
        })
    }),
    ("weblogic", |bare| {
        per_message(
            bare,
            "####<Nov 21, 2026 12:00:00,123 PM UTC> <Notice> <StdErr> <host> <AdminServer> <[ACTIVE] ExecuteThread: '0' for queue: 'weblogic.kernel.Default (self-tuning)'> <<WLS Kernel>> <> <> <1700000000000> <BEA-000000> <",
            "> ",
            false,
        )
    }),
    ("glassfish", |bare| {
        per_message(
            bare,
            "[#|2026-11-21T12:00:00.123+0000|SEVERE|glassfish 4.1|javax.enterprise.system.std|_ThreadID=23;_ThreadName=Thread-8;_TimeMillis=17;_LevelValue=1000;|",
            "|#]",
            true,
        )
    }),
    ("glassfish", odl),
];
