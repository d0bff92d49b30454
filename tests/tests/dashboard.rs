//! The dashboard in a real browser: it is one file, it needs nothing from anywhere, it draws in light and in dark.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "in tests a panic is the report")]

use cm_tests::Home;
use std::path::Path;
use std::process::{Command, Stdio};

fn records() -> String {
    let record = |n: usize| {
        format!(
            "{{\"id\":\"https://blog.example/{n}\",\"url\":\"https://blog.example/{n}\",\"title\":\"Roast {n}\",\
             \"content_text\":\"Roast\",\"date_published\":\"2026-11-{:02}T08:00:00Z\"}}\n",
            1 + n % 21
        )
    };
    (0..60).map(record).collect()
}

/// Runs headless Chromium on a file; `None`, said aloud, where there is none.
fn chromium(page: &Path, args: &[&str]) -> Option<Vec<u8>> {
    let profile = tempfile::tempdir().unwrap();
    let run = Command::new("chromium")
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--window-size=1200,1600",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(args)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .output();
    match run {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(output.stdout)
        }
        Err(_) => {
            eprintln!("NOT TESTED: chromium is not installed");
            None
        }
    }
}

fn dashboard(home: &Home) -> std::path::PathBuf {
    let args = ["--format", "html", "-o", "dashboard.html", "--clock", "2026-11-22T09:00:00Z", "items.jsonl"];
    home.write("items.jsonl", records());
    home.run("cm-report", &args, "").exits(0);
    home.path("dashboard.html")
}

#[test]
fn it_is_one_file_that_asks_nobody() {
    let home = Home::new();
    let page = String::from_utf8(std::fs::read(dashboard(&home)).unwrap()).unwrap();
    for stranger in ["<script", "<link", "<iframe", "@import", "url(http", "src=\"http", "srcset="] {
        assert!(!page.contains(stranger), "{stranger}");
    }
    assert!(page.contains("<svg") && page.contains("<table"), "charts and tables");
    assert!(page.contains("prefers-color-scheme"), "light and dark");
}

#[test]
fn a_browser_draws_it_light_and_dark() {
    let home = Home::new();
    let page = dashboard(&home);
    let Some(dom) = chromium(&page, &["--dump-dom"]) else { return };
    assert!(String::from_utf8_lossy(&dom).contains("<svg"), "the charts are in the document");
    let shot = |name: &str, scheme: &str| {
        let path = home.path(name);
        chromium(
            &page,
            &[
                &format!("--screenshot={}", path.display()),
                &format!("--blink-settings=preferredColorScheme={scheme}"),
            ],
        );
        std::fs::read(path).unwrap()
    };
    let (dark, light) = (shot("dark.png", "0"), shot("light.png", "1"));
    assert!(
        light.len() > 10_000 && dark.len() > 10_000,
        "something is drawn: {} and {} bytes",
        light.len(),
        dark.len()
    );
    assert_ne!(light, dark, "the two schemes look different");
}
