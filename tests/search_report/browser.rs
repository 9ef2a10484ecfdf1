//! What a browser makes of the page. Without one the test says so and is done.
use std::fs;
use std::path::Path;
use std::process::Command;

use nn_caption::report::search::page;

use super::made;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser that is installed.
fn browser() -> Option<&'static str> {
    let starts = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    BROWSERS.into_iter().find(starts)
}

/// The page as the browser sees it, and what its console says.
fn open(browser: &str, page: &Path, profile: &Path) -> (String, String) {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
#[expect(clippy::print_stdout, reason = "a check that is skipped says so")]
fn a_browser_shows_every_section_and_complains_of_nothing() {
    let Some(browser) = browser() else {
        println!("skipped: no browser is installed ({})", BROWSERS.join(", "));
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (search, trials) = made::search(dir.path());
    // Kept, to be looked at.
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("search-report.html");
    fs::write(&file, page(&search, &trials, dir.path())).unwrap();
    let (dom, log) = open(browser, &file, &dir.path().join("profile"));
    let headings = [
        ("leaderboard", "Leaderboard"),
        ("pareto", "Score against size"),
        ("curves", "Learning curves"),
        ("failures", "Where trials ended"),
        ("tree", "Family tree"),
        ("facts", "The search"),
        ("nets", "Nets"),
    ];
    for (id, title) in headings {
        let heading = format!("<h2 id=\"{id}\">{title}</h2>");
        assert!(dom.contains(&heading), "{heading} is not in\n{dom}");
    }
    for number in 1..=12 {
        assert!(
            dom.contains(&format!("id=\"trial-{number}\"")),
            "trial {number}"
        );
    }
    let complaints = log.lines().filter(|line| line.contains("CONSOLE"));
    assert_eq!(complaints.collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(
        log.contains("CONSOLE") || dom.ends_with("</html>\n"),
        "{log}"
    );
}
