//! The page in a browser, where there is one: the policy lets its script run and nothing else, no name
//! from the log loads or runs anything, and without scripts all is there.

use std::{
    env, fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use jssl_analyze::render::html;
use scraper::Html;

use super::{LOGS, analysed, html_of, log, page};

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// CHROMIUM, or one on the PATH, or what Playwright has fetched.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    in_path.or_else(|| {
        let cache = Path::new(&env::var_os("HOME")?).join(".cache/ms-playwright");
        let versions = fs::read_dir(cache)
            .ok()?
            .flatten()
            .map(|entry| entry.path());
        let files = versions.flat_map(|folder| {
            ["chrome-linux/chrome", "chrome-linux64/chrome"].map(|name| folder.join(name))
        });
        files.into_iter().find(|file| file.is_file())
    })
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests is to know")]
fn skipped() {
    eprintln!("skipped: no Chromium here; name one in CHROMIUM");
}

struct Seen {
    page: Html,
    console: Vec<String>,
}

/// Loads a page; what it looks like then, and what the console says.
fn load(chromium: &Path, source: &str) -> Seen {
    load_at(chromium, source, 1280)
}

/// The same in a window so wide.
fn load_at(chromium: &Path, source: &str, width: u32) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    fs::write(&file, source).unwrap();
    let mut command = Command::new(chromium);
    command
        .args([
            "--headless",
            "--disable-gpu",
            "--no-sandbox",
            "--no-first-run",
            "--dump-dom",
        ])
        .args([
            "--enable-logging=stderr",
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args(["--virtual-time-budget=2000", "--timeout=20000"])
        .arg(format!("--window-size={width},900"))
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ));
    let output = command
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{talk}");
    Seen {
        page: Html::parse_document(&String::from_utf8_lossy(&output.stdout)),
        console: talk
            .lines()
            .filter(|line| line.contains("CONSOLE"))
            .map(str::to_owned)
            .collect(),
    }
}

/// The page under a policy that forbids its script.
fn without_scripts(source: &str) -> String {
    let (before, rest) = source.split_once("script-src 'sha256-").unwrap();
    let (_, after) = rest.split_once('\'').unwrap();
    format!("{before}script-src 'none'{after}")
}

#[test]
fn a_browser_runs_its_script_and_nothing_else() {
    let Some(chromium) = chromium() else {
        return skipped();
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let name = format!(
        "<img src=http://{address}/x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    );
    let text = String::from_utf8(log(LOGS[2]))
        .unwrap()
        .replace("api.lab.example", &name);
    let inputs = [
        analysed(&name, text.as_bytes()),
        analysed("good.log", &log(LOGS[3])),
    ];
    let source = html_of(&inputs, &html::Options::default());

    let with = load(&chromium, &source);
    assert!(with.console.is_empty(), "{:#?}", with.console);
    let title = page::text(page::elements(&with.page, "title")[0]);
    assert!(title.starts_with("TLS handshakes: "), "{title}");
    let commands = page::elements(&with.page, ".command").len();
    assert!(commands > 0);
    assert_eq!(
        page::elements(&with.page, ".command button").len(),
        commands
    );
    assert_eq!(page::elements(&with.page, "#filters select").len(), 2);
    let shown = page::text(page::elements(&with.page, "#filters output")[0]);
    assert_eq!(shown, "3 of 3");

    // a browser without scripts cannot print the page as it sees it; one that may not run them can
    let without = load(&chromium, &without_scripts(&source));
    assert!(page::elements(&without.page, "button, select").is_empty());
    let rows = |page: &Html| page::elements(page, "tr").len();
    assert_eq!(rows(&without.page), rows(&with.page));
    assert_eq!(page::elements(&without.page, ".command").len(), commands);

    let error = listener.accept().expect_err("a request was sent");
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
}

/// A script that is not the page's own does not run: what the test above leans on.
#[test]
fn the_policy_stops_other_scripts() {
    let Some(chromium) = chromium() else {
        return skipped();
    };
    let inputs = [analysed("a.log", &log(LOGS[1]))];
    let source = html_of(&inputs, &html::Options::default());
    let source = source.replace(
        "</footer>",
        "</footer><script>document.title='owned'</script>",
    );
    let seen = load(&chromium, &source);
    assert_ne!(page::text(page::elements(&seen.page, "title")[0]), "owned");
    assert!(
        seen.console
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{:#?}",
        seen.console
    );
}

/// What a script of the test says of the page in a window so wide.
fn measured(chromium: &Path, source: &str, width: u32, script: &str) -> String {
    let (before, rest) = source.split_once("<meta http-equiv=").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    let page = format!("{before}{after}<script>document.title = {script}</script>");
    let seen = load_at(chromium, &page, width);
    page::text(page::elements(&seen.page, "title")[0])
}

/// Nobody reads a column that is beyond the edge, nor types a word that was broken in two.
#[test]
fn nothing_is_cut_off_and_no_word_of_a_command_is_broken() {
    // what is not on the screen is not laid out
    const BEYOND: &str = "(() => { const blocks = [...document.querySelectorAll('.block')];
        for (const one of blocks) one.style.contentVisibility = 'visible';
        return `${innerWidth} wide, ` + blocks.filter((one) => one.scrollWidth > one.clientWidth).length
            + ' beyond, ' + (document.documentElement.scrollWidth - innerWidth); })()";
    const BROKEN: &str = "`${innerWidth} wide, ` + [...document.querySelectorAll('.command span')]
        .filter((one) => one.getClientRects().length > 1 || one.offsetHeight > 30).length + ' broken of '
        + (document.querySelectorAll('.command span').length > 20)";
    let Some(chromium) = chromium() else {
        return skipped();
    };
    let inputs = [
        analysed("many.log", &log(LOGS[5])),
        analysed("a.log", &log(LOGS[0])),
    ];
    let source = html_of(&inputs, &html::Options::default());
    for width in [1366, 1200, 1000, 700, 500] {
        let said = measured(&chromium, &source, width, BEYOND);
        let (_, beyond) = said.split_once("wide, ").unwrap();
        let (tables, page) = beyond.split_once(" beyond, ").unwrap();
        assert_eq!(tables, "0", "{width}: {said}");
        assert!(page.parse::<i32>().unwrap() <= 0, "{width}: {said}");
    }
    for width in [1200, 500] {
        let said = measured(&chromium, &source, width, BROKEN);
        assert!(said.ends_with("wide, 0 broken of true"), "{width}: {said}");
    }
}
