//! The integration guide: its code is that of the examples, and they are what it says.

use std::fs;
use std::path::{Path, PathBuf};

/// A caller's loop and whatever it needs must fit on a page.
const PAGE: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The examples: name and text.
fn examples() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("interop/examples")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let sources = paths.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let named = sources.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    let examples: Vec<_> = named.collect();
    assert_eq!(examples.len(), 9);
    examples
}

#[test]
fn the_code_of_the_guide_is_that_of_the_examples() {
    let guide = fs::read_to_string(root().join("docs/integrating.md")).unwrap();
    let mut blocks = Vec::new();
    let mut rest = &*guide;
    while let Some((_, behind)) = rest.split_once("```rust\n") {
        let (block, behind) = behind.split_once("```\n").unwrap();
        blocks.push(block);
        rest = behind;
    }
    assert_eq!(blocks.len(), 6);
    let examples = examples();
    for block in blocks {
        let quoted = examples.iter().any(|(_, text)| text.contains(block));
        assert!(quoted, "in no example, word for word:\n{block}");
    }
}

#[test]
fn the_guide_names_every_example_and_every_example_its_command() {
    let guide = fs::read_to_string(root().join("docs/integrating.md")).unwrap();
    for (name, text) in examples() {
        let link = format!("[`{name}`](../interop/examples/{name}.rs)");
        assert!(guide.contains(&link), "{link}");
        let header: Vec<_> = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        let command = format!("-p interop --example {name}");
        let shown = header.iter().any(|line| line.ends_with(&command));
        assert!(shown, "the header of {name} without its command");
    }
    for (_, behind) in guide
        .match_indices("](../")
        .map(|(at, _)| guide.split_at(at + 2))
    {
        let (link, _) = behind.split_once(')').unwrap();
        assert!(root().join("docs").join(link).exists(), "{link}");
    }
}

/// Functions as `rustfmt` leaves them: they end at a brace as deep as they begin.
#[test]
fn every_function_of_the_examples_fits_on_a_page() {
    for (name, text) in examples() {
        let lines: Vec<_> = text.lines().collect();
        let is_head = |line: &str| {
            let words = line.trim_start();
            ["fn ", "pub(crate) fn ", "async fn ", "pub(crate) async fn "]
                .iter()
                .any(|start| words.starts_with(start))
        };
        let heads = (0..lines.len()).filter(|at| is_head(lines[*at]));
        let mut count = 0;
        for head in heads {
            let depth = lines[head].len() - lines[head].trim_start().len();
            let end = format!("{}}}", " ".repeat(depth));
            let body = lines[head..].iter().position(|line| *line == end);
            let Some(length) = body else { continue };
            assert!(length < PAGE, "{name}, line {}: {length} lines", head + 1);
            count += 1;
        }
        assert!(count > 1, "{name}");
    }
}
