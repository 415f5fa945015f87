//! What the pages say twice, or of the code, is true: names of functions and tests, the oldest
//! Rust, the features, links to other pages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

#[path = "rfc_map/names.rs"]
mod names;

use names::{Column, check_names, root, sources};

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The cells of the rows of tables, without their heads and rules.
fn rows(page: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter(|row| !row.starts_with("---")).map(cells)
}

fn cells(row: &str) -> Vec<&str> {
    let row = row.strip_suffix(" |").unwrap_or(row);
    row.split(" | ").collect()
}

/// Every promise and every incident names a place and a test, and these are there.
#[test]
fn the_page_about_security_names_what_is_there() {
    let page = page("docs/security.md");
    let sources = sources();
    let mut wrong = Vec::new();
    let mut tests = 0;
    for cells in rows(&page) {
        let [_, .., places, named] = &cells[..] else {
            continue;
        };
        let is_named = named.contains(".rs: ") || named.contains(".txt");
        if !is_named {
            continue;
        }
        let (_, missing) = check_names(places, Column::Where, &sources);
        wrong.extend(missing);
        let (found, missing) = check_names(named, Column::Test, &sources);
        wrong.extend(missing);
        tests += found;
    }
    assert_eq!(wrong, [""; 0]);
    let (_, incidents) = page.split_once("## What others stumbled over").unwrap();
    let (incidents, _) = incidents.split_once("\n## ").unwrap();
    for cells in rows(incidents).skip(1) {
        assert_eq!(cells.len(), 4, "{cells:?}");
        assert!(cells.last().unwrap().contains(".rs: "), "{cells:?}");
    }
    assert!(tests > 25, "only {tests} tests are named");
}

/// What a login tells may tell more one day without breaking whoever reads it.
#[test]
fn what_is_told_may_grow() {
    let pages = page("docs/public-api.txt") + &page("docs/public-api-explain.txt");
    for told in [
        "ssh_userauth_explain::Diagnosis",
        "ssh_userauth::Notice",
        "ssh_userauth::Unavailable",
    ] {
        let prefix = format!("pub {told}::");
        let items = pages.lines().filter_map(|line| line.strip_prefix(&prefix));
        let fields = items.filter_map(|item| item.split_once("::"));
        let fields: Vec<_> = fields.filter(|(name, _)| !name.contains('(')).collect();
        assert!(!fields.is_empty(), "{told}");
        for (variant, field) in fields {
            let open = format!("\n#[non_exhaustive] {prefix}{variant}\n");
            assert!(pages.contains(&open), "{told}::{variant} has {field}");
        }
    }
}

/// Ours in the table of the README is shown by tests, one for each row.
#[test]
fn the_readme_names_what_is_there() {
    let page = page("README.md");
    let (_, table) = page.split_once("## What it can do").unwrap();
    let (table, behind) = table.split_once("Ours, row by row: ").unwrap();
    let (named, _) = behind.split_once("\n\n").unwrap();
    // Without the head.
    assert_eq!(rows(table).count() - 1, named.split(',').count());
    for name in named.split('`').skip(1).step_by(2) {
        let folder = if name.ends_with(".txt") {
            "tests/transcripts"
        } else {
            ""
        };
        assert!(root().join(folder).join(name).exists(), "{name}");
    }
}

/// The loop of the README is that of the crate's own page.
#[test]
fn the_loop_is_the_same_everywhere() {
    let readme = page("README.md");
    let (_, code) = readme.split_once("```rust\n").unwrap();
    let (code, _) = code.split_once("```\n").unwrap();
    let library = page("src/lib.rs");
    let library = library.lines().filter_map(|line| line.strip_prefix("//!"));
    let library: String = library
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    assert!(library.contains(code), "src/lib.rs lacks:\n{code}");
}

/// The value of `key = "…"` in the first section of `Cargo.toml` that has it.
fn of_manifest(key: &str) -> String {
    let manifest = page("Cargo.toml");
    let line = manifest.lines().find_map(|line| line.strip_prefix(key));
    let value = line.and_then(|rest| rest.split('"').nth(1));
    value
        .unwrap_or_else(|| panic!("{key} is not in Cargo.toml"))
        .to_owned()
}

/// The changelog has a chapter for this version, and nothing in it is called by a name that is gone.
#[test]
fn the_changelog_is_of_this_version() {
    let page = page("docs/changelog.md");
    let (_, chapter) = page
        .split_once(&format!("\n## {} (", of_manifest("version =")))
        .expect("a chapter for the version of Cargo.toml");
    let sources = sources();
    let named = chapter.split('`').skip(1).step_by(2);
    let words = named.flat_map(|name| name.split("::"));
    let gone: Vec<&str> = words.filter(|word| !sources.contains(word)).collect();
    assert_eq!(gone, [""; 0]);
}

/// The scripts that CONTRIBUTING.md names are there, and those for a release are run every time.
#[test]
fn the_gates_are_there() {
    let (guide, run) = (page("CONTRIBUTING.md"), page(".ci/run"));
    let named = guide.split('`').skip(1).step_by(2);
    let scripts = named.filter_map(|name| name.split(' ').next()?.strip_prefix(".ci/"));
    let mut found = 0;
    for name in scripts.filter(|name| *name != "run") {
        assert!(root().join(".ci").join(name).is_file(), ".ci/{name}");
        let line = format!("\n.ci/{name}\n");
        assert!(run.contains(&line), ".ci/run leaves out .ci/{name}");
        found += 1;
    }
    assert!(found > 4, "only {found} scripts are named");
}

/// The files of this folder are named one by one in `tests/Cargo.toml`: one that is not there would
/// never run.
#[test]
fn every_test_is_named() {
    let manifest = page("tests/Cargo.toml");
    let mut files = 0;
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".rs") else {
            continue;
        };
        let target = format!("[[test]]\nname = \"{name}\"\npath = \"{file}\"\n");
        assert!(manifest.contains(&target), "tests/Cargo.toml lacks {file}");
        files += 1;
    }
    assert_eq!(manifest.matches("[[test]]").count(), files);
}

#[test]
fn the_oldest_rust_is_the_same_everywhere() {
    let oldest = of_manifest("rust-version");
    let said = format!("Rust {oldest} or newer");
    assert!(page("README.md").contains(&said), "README.md lacks: {said}");
}

/// The features of `Cargo.toml`, of the README and of the crate's own page are the same.
#[test]
fn the_features_are_the_same_everywhere() {
    let manifest = page("Cargo.toml");
    let (_, features) = manifest.split_once("[features]\n").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    let features = features.lines().filter(|line| !line.starts_with('#'));
    let features = features.filter_map(|line| Some(line.split_once(" = ")?.0));
    let features: Vec<&str> = features.filter(|name| *name != "default").collect();
    assert!(features.len() >= 3, "{features:?}");
    let (readme, library) = (page("README.md"), page("src/lib.rs"));
    for name in &features {
        for (page, text) in [("README.md", &readme), ("src/lib.rs", &library)] {
            assert!(text.contains(&format!("- `{name}`")), "{page} lacks {name}");
        }
    }
}

/// A link to another page, or to a part of one, leads somewhere.
#[test]
fn links_lead_somewhere() {
    let pages = ["README.md", "CONTRIBUTING.md", "tests/README.md"];
    let mut pages = pages.map(str::to_owned).to_vec();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    let mut broken = Vec::new();
    for name in &pages {
        let text = page(name);
        let folder = root().join(name).parent().unwrap().to_owned();
        for link in text.split("](").skip(1) {
            let Some((link, _)) = link.split_once(')') else {
                continue;
            };
            if link.contains("://") {
                continue;
            }
            let (path, part) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                root().join(name)
            } else {
                folder.join(path)
            };
            if !target.exists() {
                broken.push(format!("{name}: {link}"));
            } else if !part.is_empty() && target.extension().is_some_and(|kind| kind == "md") {
                let there = fs::read_to_string(&target).unwrap();
                let heads = there.lines().filter(|line| line.starts_with('#'));
                let mut anchors = heads.map(anchor);
                if !anchors.any(|own| own == part) {
                    broken.push(format!("{name}: {link}"));
                }
            }
        }
    }
    assert_eq!(broken, [""; 0]);
}

/// The anchor of a heading, as the usual viewers make it.
fn anchor(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
